/* SPDX-License-Identifier: MIT */
/* Children that the crew never meets; see unseen.h. */
#include <errno.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/unseen.h"

pid_t unseen_fork(void)
{
#if defined(__s390__) || defined(__CRIS__)
	long pid = syscall(SYS_clone, NULL, 0, NULL, NULL, 0);
#else
	long pid = syscall(SYS_clone, 0, NULL, NULL, NULL, 0);
#endif

	return pid < 0 ? -errno : (pid_t)pid;
}

int unseen_wait(pid_t pid)
{
	int status = 0;

	while (pid > 0 && waitpid(pid, &status, __WCLONE) < 0 && errno == EINTR)
		;
	return status;
}
