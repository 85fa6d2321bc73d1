#define _GNU_SOURCE

#include "Process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <unistd.h>

extern char **environ;

static int prepare_files(posix_spawn_file_actions_t *files, const char *folder, const char *log) {
    int problem = posix_spawn_file_actions_addopen(files, 0, "/dev/null", O_RDONLY, 0);
    if (!problem) {
        problem = posix_spawn_file_actions_addopen(files, 1, log, O_WRONLY | O_CREAT | O_APPEND, 0644);
    }
    if (!problem) { problem = posix_spawn_file_actions_adddup2(files, 1, 2); }
    if (!problem) { problem = posix_spawn_file_actions_addchdir_np(files, folder); }
#if defined(__GLIBC__) && __GLIBC_PREREQ(2, 34)
    // A child that goes on after us must not keep our sockets open.
    if (!problem) { problem = posix_spawn_file_actions_addclosefrom_np(files, 3); }
#endif
    return problem;
}

static int prepare_attributes(posix_spawnattr_t *attributes, bool new_session) {
    sigset_t all, none;
    sigfillset(&all);
    sigemptyset(&none);
    short flags = POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK;
#ifdef POSIX_SPAWN_SETSID
    if (new_session) { flags |= POSIX_SPAWN_SETSID; }
#endif
    int problem = posix_spawnattr_setflags(attributes, flags);
    if (!problem) { problem = posix_spawnattr_setsigdefault(attributes, &all); }
    if (!problem) { problem = posix_spawnattr_setsigmask(attributes, &none); }
    return problem;
}

int process_start(const char *executable, char *const arguments[], const char *folder,
                  const char *log, bool new_session, int *pid) {
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    int problem = posix_spawn_file_actions_init(&files);
    if (problem) { return problem; }
    problem = posix_spawnattr_init(&attributes);
    if (!problem) {
        problem = prepare_files(&files, folder, log);
        if (!problem) { problem = prepare_attributes(&attributes, new_session); }
        pid_t started = 0;
        if (!problem) {
            problem = posix_spawn(&started, executable, &files, &attributes, arguments, environ);
        }
        *pid = started;
        posix_spawnattr_destroy(&attributes);
    }
    posix_spawn_file_actions_destroy(&files);
    return problem;
}
