#ifndef CSENTENCEPIECE_H
#define CSENTENCEPIECE_H

// A C face of libsentencepiece's processor: as much of it as a prompt needs.

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct csp_processor csp_processor;

// Loads a serialised model. NULL: failed, see csp_last_error().
csp_processor *csp_open(const uint8_t *model, size_t count);

void csp_close(csp_processor *processor);

// Encodes UTF-8 text. *ids belongs to the caller (csp_free_ids); an empty text gives no ids.
// Returns 1, or 0 on failure, see csp_last_error(). Any number of threads may encode at once.
int csp_encode(const csp_processor *processor, const uint8_t *text, size_t count, int32_t **ids,
               size_t *id_count);

void csp_free_ids(int32_t *ids);

// Why the last call of this thread failed; valid until the thread's next call.
const char *csp_last_error(void);

#ifdef __cplusplus
}
#endif

#endif
