/* SPDX-License-Identifier: MIT */
/* A scratch child; see spawn.h. */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kernel/spawn.h"

/*
 * fork(2) without an exit signal, which the C library does not offer: such a child is waited for
 * with __WCLONE only, so that neither SIGCHLD handlers nor wait(-1) loops of the program we live in
 * ever meet it. No CLONE_VM: a filter that kills the child may dump core, and that would take
 * everybody who shares its memory along.
 */
pid_t spawn_unseen(void)
{
#if defined(__s390__) || defined(__CRIS__)
	long pid = syscall(SYS_clone, NULL, 0, NULL, NULL, 0);
#else
	long pid = syscall(SYS_clone, 0, NULL, NULL, NULL, 0);
#endif

	return pid < 0 ? -errno : (pid_t)pid;
}

_Noreturn static void be_child(pid_t parent, void (*body)(void *), void *shared)
{
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && getppid() == parent)
		body(shared);
	_exit(0);
}

int spawn_wait(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, __WCLONE) < 0)
		if (errno != EINTR)
			return -errno;
	return status;
}

int spawn_scratch(void (*body)(void *shared), void *shared, size_t size)
{
	void *page = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t parent = getpid(), pid;
	int r;

	if (page == MAP_FAILED)
		return -errno;
	memcpy(page, shared, size);
	pid = spawn_unseen();
	if (pid == 0)
		be_child(parent, body, page);
	r = pid < 0 ? pid : spawn_wait(pid);
	memcpy(shared, page, size);
	(void)munmap(page, size); /* our own mapping */
	return r;
}
