/* SPDX-License-Identifier: MIT */
/*
 * Releasing what a block acquired: `_cleanup_free_ char *text = NULL;`, `_cleanup_(strbuf_done)
 * struct strbuf b = {};` and TAKE(text) to hand it over. We do not write `goto out`.
 */
#ifndef BASE_CLEANUP_H
#define BASE_CLEANUP_H

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define _cleanup_(done) __attribute__((cleanup(done)))

static inline void cleanup_free(void *p)
{
	free(*(void **)p);
}
#define _cleanup_free_ _cleanup_(cleanup_free)

/* Closes and keeps errno; accepts -1. */
static inline void cleanup_close(int *fd)
{
	int saved = errno;

	if (*fd >= 0)
		(void)close(*fd); /* nothing to do about a failing close */
	*fd = -1;
	errno = saved;
}
#define _cleanup_close_ _cleanup_(cleanup_close)

static inline void cleanup_fclose(FILE **f)
{
	if (*f)
		(void)fclose(*f); /* writers check fflush themselves */
}
#define _cleanup_fclose_ _cleanup_(cleanup_fclose)

static inline void cleanup_closedir(DIR **d)
{
	if (*d)
		(void)closedir(*d);
}
#define _cleanup_closedir_ _cleanup_(cleanup_closedir)

/* The value of p, which is NULL from then on. */
#define TAKE(p)                                   \
	({                                        \
		__typeof__(p) *take_p_ = &(p);    \
		__typeof__(p) take_v_ = *take_p_; \
		*take_p_ = NULL;                  \
		take_v_;                          \
	})
#define TAKE_FD(fd)                     \
	({                              \
		int *take_p_ = &(fd);   \
		int take_v_ = *take_p_; \
		*take_p_ = -1;          \
		take_v_;                \
	})

#endif
