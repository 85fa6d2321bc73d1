// Starting a process in a way that Swift's view of the C library does not show.
#ifndef LIKENESS_PROCESS_H
#define LIKENESS_PROCESS_H

#include <stdbool.h>

/// Starts a program with nothing to read, its output and errors appended to a file, no other open file of ours,
/// and all signals as they are by default.
///
/// `arguments` ends with NULL and begins with the program's name; `folder` is where it works; with
/// `new_session` it goes on when whoever started us hangs up. Returns 0 or errno.
int process_start(const char *executable, char *const arguments[], const char *folder,
                  const char *log, bool new_session, int *pid);

#endif
