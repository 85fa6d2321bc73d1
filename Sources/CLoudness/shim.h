// libebur128 1.2 as it is: loudness by EBU R 128 and ITU-R BS.1770.
#ifndef CLOUDNESS_SHIM_H
#define CLOUDNESS_SHIM_H

#include <ebur128.h>

// Swift cannot import these, since they are macros or lie in an enumeration without a name.
static const int cloudness_mode = EBUR128_MODE_I | EBUR128_MODE_TRUE_PEAK;
static const int cloudness_success = EBUR128_SUCCESS;

#endif
