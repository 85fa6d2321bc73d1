#include "CSentencePiece.h"

#include <algorithm>
#include <cstdlib>
#include <exception>
#include <memory>
#include <new>
#include <string>
#include <vector>

#include <sentencepiece_processor.h>

struct csp_processor {
  sentencepiece::SentencePieceProcessor value;
};

static thread_local std::string lastError;

// The only place where C++ exceptions end: none may unwind into Swift.
template <typename Body> static bool guard(Body &&body) noexcept {
  try {
    const sentencepiece::util::Status status = body();
    if (status.ok()) {
      return true;
    }
    lastError = status.ToString();
  } catch (const std::exception &e) {
    lastError = e.what();
  } catch (...) {
    lastError = "unknown C++ exception";
  }
  return false;
}

csp_processor *csp_open(const uint8_t *model, size_t count) {
  std::unique_ptr<csp_processor> processor;
  const bool loaded = guard([&] {
    processor = std::make_unique<csp_processor>();
    return processor->value.LoadFromSerializedProto({reinterpret_cast<const char *>(model), count});
  });
  return loaded ? processor.release() : nullptr;
}

void csp_close(csp_processor *processor) { delete processor; }

int csp_encode(const csp_processor *processor, const uint8_t *text, size_t count, int32_t **ids,
               size_t *id_count) {
  return guard([&] {
    std::vector<int> found;
    const auto status =
        processor->value.Encode({reinterpret_cast<const char *>(text), count}, &found);
    if (!status.ok()) {
      return status;
    }
    auto *copy = static_cast<int32_t *>(std::malloc(std::max<size_t>(found.size(), 1) * sizeof(int32_t)));
    if (copy == nullptr) {
      throw std::bad_alloc();
    }
    std::copy(found.begin(), found.end(), copy);
    *ids = copy;
    *id_count = found.size();
    return status;
  });
}

void csp_free_ids(int32_t *ids) { std::free(ids); }

const char *csp_last_error(void) { return lastError.c_str(); }
