/* SPDX-License-Identifier: MIT */
/* How a changed configuration reaches the real runtime; see handover.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "oci/handover.h"
#include "oci/namespace.h"
#include "oci/exchange.h"

#include "base/cleanup.h"
#include "base/file.h"
#include "base/macros.h"

static const struct mpol_rule rule_handover = {
	"config-handover",
	EIO,
	"The runtime reads the container's policy, as a hook, from its configuration; it must get "
	"the "
	"changed one, and the bundle must stay as it is.",
	"run the front with CAP_SYS_ADMIN, or let it write into the bundle's directory",
	NULL,
	NULL,
};

/* Descriptors 3 to 2 + N may be the container's own (--preserve-fds=N, LISTEN_FDS). */
#define FIRST_FD 64

static int high_fd(const struct oci_args *a, int fd)
{
	long preserved = a->preserve_fds ? strtol(a->preserve_fds, NULL, 10) : 0;
	int high;

	if (preserved < 0 || preserved > 1 << 20)
		preserved = 0;
	high = fcntl(fd, F_DUPFD, FIRST_FD + (int)preserved); /* not close-on-exec: crun reads it */
	if (high < 0)					      /* a low RLIMIT_NOFILE */
		high = fcntl(fd, F_DUPFD, 3 + (int)preserved);
	return high < 0 ? -errno : high;
}

static int by_option(struct oci_args *a, const char *text, size_t len)
{
	_cleanup_close_ int fd = memfd_create("config.json", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	static char option[64];
	int r, high;

	if (fd < 0)
		return -errno;
	r = fd_write_all(fd, text, len);
	if (r < 0)
		return r;
	if (fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) < 0)
		return -errno;
	high = high_fd(a, fd);
	if (high < 0)
		return high;
	oci_args_drop(a, a->config); /* the engine's own: ours replaces it */
	(void)snprintf(option, sizeof(option), "--config=/proc/self/fd/%d", high);
	return oci_args_insert(a, option);
}

enum handover handover_kind(const struct oci_real *real)
{
	return real->is_crun ? HANDOVER_OPTION : HANDOVER_NAMESPACE;
}

int handover_lock(const struct oci_real *real, int dir_fd)
{
	int fd;

	if (handover_kind(real) == HANDOVER_OPTION || geteuid() == 0)
		return -1;
	fd = exchange_lock(dir_fd);
	return fd >= 0 || fd == -EBUSY ? fd : -1; /* handover() says what else is wrong */
}

int handover_restore(int dir_fd, const char *name)
{
	return exchange_restore(dir_fd, name);
}

static int by_exchange(int dir_fd, int lock, const char *name, const char *text, size_t len)
{
	_cleanup_close_ int own = -1;

	if (lock < 0)
		lock = own = exchange_lock(dir_fd);
	return lock < 0 ? lock : exchange(lock, name, text, len);
}

int handover(struct oci_args *a, const struct oci_real *real, int dir_fd, int lock,
	     const char *name, const char *text, size_t len, enum handover *ret,
	     struct mpol_error *err)
{
	int r;

	*ret = handover_kind(real);
	if (*ret == HANDOVER_OPTION) {
		r = by_option(a, text, len);
		return r < 0 ? mpol_fail_errno(err, &rule_handover, -r, "", "memory file: %s",
					       strerror(-r))
			     : 0;
	}
	r = namespace_cover(dir_fd, name, text, len);
	if (r == -EPERM || r == -ENOSYS || r == -EACCES || r == -ENOSPC) {
		*ret = HANDOVER_EXCHANGE;
		r = by_exchange(dir_fd, lock, name, text, len);
	}
	return r < 0 ? mpol_fail_errno(err, &rule_handover, -r, name,
				       "the runtime cannot be given the changed one: %s",
				       strerror(-r))
		     : 0;
}
