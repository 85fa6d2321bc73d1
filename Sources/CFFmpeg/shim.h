// FFmpeg 4.4 to 7 as one interface: what Swift cannot import (macros that compute, unions) and what
// changed its name or type between versions. Everything else is called directly.
#ifndef CFFMPEG_SHIM_H
#define CFFMPEG_SHIM_H

#include <string.h>

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/avutil.h>
#include <libavutil/channel_layout.h>
#include <libavutil/display.h>
#include <libavutil/frame.h>
#include <libavutil/imgutils.h>
#include <libavutil/opt.h>
#include <libavutil/pixdesc.h>
#include <libswresample/swresample.h>
#include <libswscale/swscale.h>

// AVChannelLayout replaced the 64-bit mask in FFmpeg 5.1.
#define CFFMPEG_HAS_CHANNEL_LAYOUT (LIBAVUTIL_VERSION_INT >= AV_VERSION_INT(57, 24, 100))

// --- constants -------------------------------------------------------------------------------

static const int64_t cffmpeg_no_timestamp = AV_NOPTS_VALUE;
static const int32_t cffmpeg_error_again = AVERROR(EAGAIN);
static const int32_t cffmpeg_error_end = AVERROR_EOF;
static const int32_t cffmpeg_error_no_entry = AVERROR(ENOENT);
static const int32_t cffmpeg_error_access = AVERROR(EACCES);
static const int32_t cffmpeg_error_memory = AVERROR(ENOMEM);

// --- files -----------------------------------------------------------------------------------

// Opens a file with one of the demuxers named in `formats` (separated by commas). Playlists that
// point at other files or at the network are not among them. *context is NULL after a failure.
static inline int cffmpeg_open(AVFormatContext **context, const char *path, const char *formats) {
    AVDictionary *options = NULL;
    av_dict_set(&options, "format_whitelist", formats, 0);
    av_dict_set(&options, "protocol_whitelist", "file", 0);
    int status = avformat_open_input(context, path, NULL, &options);
    av_dict_free(&options);
    return status;
}

// The last byte that the index of a stream points at, 0 without an index.
static inline int64_t cffmpeg_index_end(AVStream *stream) {
    int64_t end = 0;
#if LIBAVFORMAT_VERSION_MAJOR >= 59
    int count = avformat_index_get_entries_count(stream);
    for (int i = 0; i < count; i++) {
        const AVIndexEntry *entry = avformat_index_get_entry(stream, i);
#else
    for (int i = 0; i < stream->nb_index_entries; i++) {
        const AVIndexEntry *entry = &stream->index_entries[i];
#endif
        if (entry->pos + entry->size > end) end = entry->pos + entry->size;
    }
    return end;
}

// Nine numbers, or NULL for a stream without a display matrix.
static inline const int32_t *cffmpeg_display_matrix(const AVStream *stream) {
#if LIBAVCODEC_VERSION_INT >= AV_VERSION_INT(60, 30, 100)
    const AVPacketSideData *data =
        av_packet_side_data_get(stream->codecpar->coded_side_data,
                                stream->codecpar->nb_coded_side_data, AV_PKT_DATA_DISPLAYMATRIX);
    return data && data->size >= 9 * sizeof(int32_t) ? (const int32_t *)data->data : NULL;
#elif LIBAVFORMAT_VERSION_MAJOR >= 59
    size_t size = 0;
    const uint8_t *data = av_stream_get_side_data(stream, AV_PKT_DATA_DISPLAYMATRIX, &size);
    return data && size >= 9 * sizeof(int32_t) ? (const int32_t *)data : NULL;
#else
    int size = 0;
    const uint8_t *data = av_stream_get_side_data(stream, AV_PKT_DATA_DISPLAYMATRIX, &size);
    return data && size >= (int)(9 * sizeof(int32_t)) ? (const int32_t *)data : NULL;
#endif
}

// Samples that the decoder drops from the start (encoder delay) and the end (padding) of a packet.
static inline void cffmpeg_dropped_samples(const AVPacket *packet, int64_t *start, int64_t *end) {
#if LIBAVCODEC_VERSION_MAJOR >= 59
    size_t size = 0;
#else
    int size = 0;
#endif
    const uint8_t *b = av_packet_get_side_data(packet, AV_PKT_DATA_SKIP_SAMPLES, &size);
    *start = *end = 0;
    if (!b || size < 10) return;
    *start = (int64_t)b[0] | (int64_t)b[1] << 8 | (int64_t)b[2] << 16 | (int64_t)b[3] << 24;
    *end = (int64_t)b[4] | (int64_t)b[5] << 8 | (int64_t)b[6] << 16 | (int64_t)b[7] << 24;
}

// --- channels --------------------------------------------------------------------------------

static inline int cffmpeg_stream_channels(const AVCodecParameters *parameters) {
#if CFFMPEG_HAS_CHANNEL_LAYOUT
    return parameters->ch_layout.nb_channels;
#else
    return parameters->channels;
#endif
}

// Writes a name such as "stereo" or "5.1(side)".
static inline void cffmpeg_layout_name(const AVCodecParameters *parameters, char *name, int size) {
#if CFFMPEG_HAS_CHANNEL_LAYOUT
    av_channel_layout_describe(&parameters->ch_layout, name, size);
#else
    av_get_channel_layout_string(name, size, parameters->channels, parameters->channel_layout);
#endif
}

static inline int cffmpeg_frame_channels(const AVFrame *frame) {
#if CFFMPEG_HAS_CHANNEL_LAYOUT
    return frame->ch_layout.nb_channels;
#else
    return frame->channels;
#endif
}

// The speaker (bit number of the AV_CH_ masks) that plays a channel of a frame; a frame that does
// not say has the usual layout of its channel count. -1: unknown.
static inline int cffmpeg_speaker(const AVFrame *frame, int index) {
#if CFFMPEG_HAS_CHANNEL_LAYOUT
    AVChannelLayout usual = {0};
    const AVChannelLayout *layout = &frame->ch_layout;
    if (layout->order == AV_CHANNEL_ORDER_UNSPEC) {
        av_channel_layout_default(&usual, layout->nb_channels);
        layout = &usual;
    }
    int speaker = (int)av_channel_layout_channel_from_index(layout, (unsigned)index);
    av_channel_layout_uninit(&usual);
    return speaker;
#else
    uint64_t layout = frame->channel_layout;
    if (!layout) layout = (uint64_t)av_get_default_channel_layout(frame->channels);
    uint64_t mask = av_channel_layout_extract_channel(layout, index);
    for (int bit = 0; bit < 64; bit++)
        if (mask == (uint64_t)1 << bit) return bit;
    return -1;
#endif
}

// --- sound -----------------------------------------------------------------------------------

// Stereo, planar floats in and out: a windowed sinc of 64 taps. NULL on failure.
static inline SwrContext *cffmpeg_make_resampler(int rate_in, int rate_out) {
    SwrContext *resampler = NULL;
#if CFFMPEG_HAS_CHANNEL_LAYOUT
    AVChannelLayout stereo = AV_CHANNEL_LAYOUT_STEREO;
    if (swr_alloc_set_opts2(&resampler, &stereo, AV_SAMPLE_FMT_FLTP, rate_out, &stereo,
                            AV_SAMPLE_FMT_FLTP, rate_in, 0, NULL) < 0) {
        swr_free(&resampler);
        return NULL;
    }
#else
    resampler = swr_alloc_set_opts(NULL, AV_CH_LAYOUT_STEREO, AV_SAMPLE_FMT_FLTP, rate_out,
                                   AV_CH_LAYOUT_STEREO, AV_SAMPLE_FMT_FLTP, rate_in, 0, NULL);
    if (!resampler) return NULL;
#endif
    av_opt_set_int(resampler, "filter_size", 64, 0);
    av_opt_set_double(resampler, "cutoff", 0.97, 0);
    if (swr_init(resampler) < 0) swr_free(&resampler);
    return resampler;
}

// --- pictures --------------------------------------------------------------------------------

// What a scaler needs to know of a picture beyond its size and pixel format.
typedef struct cffmpeg_colour {
    int matrix;       // SWS_CS_...
    int full_range;   // 1: 0...255, 0: 16...235
    int chroma_x;     // place of a chroma sample, in 1/256 of a luma pixel
    int chroma_y;
} cffmpeg_colour;

// From a decoded frame to packed RGB of another size. NULL on failure; free with
// cffmpeg_free_scaler. Catmull-Rom (B = 0, C = 0.5) is the bicubic of PIL.
static inline void *cffmpeg_make_scaler(const AVFrame *frame, int width, int height,
                                        cffmpeg_colour colour) {
    struct SwsContext *scaler = sws_alloc_context();
    if (!scaler) return NULL;
    av_opt_set_int(scaler, "srcw", frame->width, 0);
    av_opt_set_int(scaler, "srch", frame->height, 0);
    av_opt_set_int(scaler, "src_format", frame->format, 0);
    av_opt_set_int(scaler, "dstw", width, 0);
    av_opt_set_int(scaler, "dsth", height, 0);
    av_opt_set_int(scaler, "dst_format", AV_PIX_FMT_RGB24, 0);
    av_opt_set_int(scaler, "sws_flags",
                   SWS_BICUBIC | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INT | SWS_FULL_CHR_H_INP, 0);
    av_opt_set_double(scaler, "param0", 0, 0);
    av_opt_set_double(scaler, "param1", 0.5, 0);
    av_opt_set_int(scaler, "src_range", colour.full_range, 0);
    av_opt_set_int(scaler, "dst_range", 1, 0);
    av_opt_set_int(scaler, "src_h_chr_pos", colour.chroma_x, 0);
    av_opt_set_int(scaler, "src_v_chr_pos", colour.chroma_y, 0);
    if (sws_init_context(scaler, NULL, NULL) < 0) {
        sws_freeContext(scaler);
        return NULL;
    }
    // Fails for pictures that are RGB already; those need no matrix.
    sws_setColorspaceDetails(scaler, sws_getCoefficients(colour.matrix), colour.full_range,
                             sws_getCoefficients(SWS_CS_DEFAULT), 1, 0, 1 << 16, 1 << 16);
    return scaler;
}

// swscale takes the colours of an odd side to be spread over half a pixel too much. A copy whose
// sides hold whole blocks of chroma, by repeating the last column and row, keeps them in place.
// NULL if no memory is left; *needed is 0 (and the result NULL) for a picture that is fine as it is.
static inline AVFrame *cffmpeg_whole_blocks(const AVFrame *frame, int *needed) {
    const AVPixFmtDescriptor *layout = av_pix_fmt_desc_get((enum AVPixelFormat)frame->format);
    const unsigned other = AV_PIX_FMT_FLAG_HWACCEL | AV_PIX_FMT_FLAG_BITSTREAM;
    *needed = 0;
    if (!layout || layout->flags & other || !(layout->flags & AV_PIX_FMT_FLAG_PLANAR)) return NULL;
    int width = FFALIGN(frame->width, 1 << layout->log2_chroma_w);
    int height = FFALIGN(frame->height, 1 << layout->log2_chroma_h);
    *needed = width != frame->width || height != frame->height;
    AVFrame *whole = *needed ? av_frame_alloc() : NULL;
    if (!whole) return NULL;
    whole->format = frame->format;
    whole->width = width;
    whole->height = height;
    if (av_frame_get_buffer(whole, 0) < 0 || av_frame_copy_props(whole, frame) < 0) {
        av_frame_free(&whole);
        return NULL;
    }
    av_image_copy(whole->data, whole->linesize, (const uint8_t **)frame->data, frame->linesize,
                  (enum AVPixelFormat)frame->format, frame->width, frame->height);
    for (int plane = 0; plane < 4; plane += 3) {  // luma and alpha; chroma is whole already
        if (!whole->data[plane]) continue;
        int step = layout->comp[plane].step, stride = whole->linesize[plane];
        for (int y = 0; y < frame->height; y++)
            for (int x = frame->width; x < width; x++) {
                uint8_t *to = whole->data[plane] + y * stride + x * step;
                for (int byte = 0; byte < step; byte++) to[byte] = to[byte - step];
            }
        for (int y = frame->height; y < height; y++)
            for (int byte = 0; byte < width * step; byte++) {
                uint8_t *to = whole->data[plane] + y * stride + byte;
                *to = *(to - stride);
            }
    }
    return whole;
}

static inline int cffmpeg_scale(void *scaler, const AVFrame *from, AVFrame *to) {
    return sws_scale((struct SwsContext *)scaler, (const uint8_t *const *)from->data,
                     from->linesize, 0, from->height, to->data, to->linesize);
}

static inline void cffmpeg_free_scaler(void *scaler) {
    sws_freeContext((struct SwsContext *)scaler);
}

// --- writing ---------------------------------------------------------------------------------

static const int32_t cffmpeg_error_no_space = AVERROR(ENOSPC);
static const int32_t cffmpeg_error_not_permitted = AVERROR(EPERM);
static const int32_t cffmpeg_error_read_only = AVERROR(EROFS);

// From packed RGB (0...255) to a picture format, same size; chroma as for cffmpeg_make_scaler.
// NULL on failure; free with cffmpeg_free_scaler.
static inline void *cffmpeg_make_encoder_scaler(int width, int height, enum AVPixelFormat format,
                                                cffmpeg_colour colour) {
    struct SwsContext *scaler = sws_alloc_context();
    if (!scaler) return NULL;
    av_opt_set_int(scaler, "srcw", width, 0);
    av_opt_set_int(scaler, "srch", height, 0);
    av_opt_set_int(scaler, "src_format", AV_PIX_FMT_RGB24, 0);
    av_opt_set_int(scaler, "dstw", width, 0);
    av_opt_set_int(scaler, "dsth", height, 0);
    av_opt_set_int(scaler, "dst_format", format, 0);
    // Without accurate rounding some versions take a shortcut that knows one matrix only.
    av_opt_set_int(scaler, "sws_flags",
                   SWS_BICUBIC | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INT | SWS_FULL_CHR_H_INP, 0);
    av_opt_set_int(scaler, "src_range", 1, 0);
    av_opt_set_int(scaler, "dst_range", colour.full_range, 0);
    av_opt_set_int(scaler, "dst_h_chr_pos", colour.chroma_x, 0);
    av_opt_set_int(scaler, "dst_v_chr_pos", colour.chroma_y, 0);
    if (sws_init_context(scaler, NULL, NULL) < 0) {
        sws_freeContext(scaler);
        return NULL;
    }
    // Fails between two kinds of RGB, which need no matrix.
    sws_setColorspaceDetails(scaler, sws_getCoefficients(SWS_CS_DEFAULT), 1,
                             sws_getCoefficients(colour.matrix), colour.full_range, 0, 1 << 16,
                             1 << 16);
    return scaler;
}

// Converts one picture whose rows lie one behind the other at `pixels`.
static inline int cffmpeg_scale_pixels(void *scaler, const uint8_t *pixels, int height, int stride,
                                       AVFrame *to) {
    const uint8_t *planes[4] = {pixels, NULL, NULL, NULL};
    const int strides[4] = {stride, 0, 0, 0};
    return sws_scale((struct SwsContext *)scaler, planes, strides, 0, height, to->data,
                     to->linesize);
}

// Gives an encoder the usual layout of 1 or 2 channels.
static inline void cffmpeg_set_channels(AVCodecContext *context, int channels) {
#if CFFMPEG_HAS_CHANNEL_LAYOUT
    av_channel_layout_default(&context->ch_layout, channels);
#else
    context->channels = channels;
    context->channel_layout = (uint64_t)av_get_default_channel_layout(channels);
#endif
}

// Room for planar floats with the layout of an encoder; negative on failure.
static inline int cffmpeg_make_sound_frame(AVFrame *frame, const AVCodecContext *context,
                                           int samples) {
    frame->format = context->sample_fmt;
    frame->sample_rate = context->sample_rate;
    frame->nb_samples = samples;
#if CFFMPEG_HAS_CHANNEL_LAYOUT
    int status = av_channel_layout_copy(&frame->ch_layout, &context->ch_layout);
    if (status < 0) return status;
#else
    frame->channels = context->channels;
    frame->channel_layout = context->channel_layout;
#endif
    return av_frame_get_buffer(frame, 0);
}

// The quantisation tables of a JPEG encoder, in the order of rows; copied. Negative on failure.
static inline int cffmpeg_set_quantisation(AVCodecContext *context, const uint16_t *luma,
                                           const uint16_t *chroma) {
    context->intra_matrix = av_malloc(64 * sizeof(uint16_t));
    context->chroma_intra_matrix = av_malloc(64 * sizeof(uint16_t));
    if (!context->intra_matrix || !context->chroma_intra_matrix) return AVERROR(ENOMEM);
    memcpy(context->intra_matrix, luma, 64 * sizeof(uint16_t));
    memcpy(context->chroma_intra_matrix, chroma, 64 * sizeof(uint16_t));
    return 0;
}

#endif
