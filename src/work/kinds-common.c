/* SPDX-License-Identifier: MIT */
/* Kinds of work in memory that is not the worker's alone: a mapping of the whole group, and the
 * page cache. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/macros.h"
#include "work/kinds.h"

#define PAGES_BETWEEN_LOOKS 256

static const struct mpol_rule no_file = {
	.id = "worker-file",
	.errnum = EIO,
	.why = "A worker that reads the page cache reads a file, its own or the one that was "
	       "declared.",
	.hint = "declare .file as a file that can be read, and that is not empty.",
};

static bool read_pages(struct mpol_worker *w, const volatile char *memory, size_t pages)
{
	size_t page = work_page();

	for (size_t i = 0; i < pages; i++) {
		if (i % PAGES_BETWEEN_LOOKS == 0 && !worker_goes_on(w))
			return false;
		(void)memory[i * page];
	}
	return true;
}

/* Worker i of the group has slot first + i; what it has not touched would come to lie where the
 * reader wants it. */
static bool has_touched(const struct mpol_worker *w, unsigned i)
{
	return atomic_load(&w->slot[(int)i - (int)w->index].touched);
}

int work_shared(struct mpol_worker *w, struct mpol_error *err)
{
	uint64_t bytes = work_page_bytes(w->plan->work);
	size_t pages = bytes / work_page();
	char *own = w->shared + bytes * w->index;

	if (!worker_publish(w, own, bytes, err))
		return -err->errnum;
	if (!work_write_pages(w, own, pages, 1))
		return 0;
	worker_iteration(w, pages);
	worker_touched(w);
	for (;;)
		for (unsigned i = 0; i < w->plan->workers; i++) {
			char *part = w->shared + bytes * i;
			bool goes_on = i == w->index	   ? work_write_pages(w, part, pages, 1)
				       : has_touched(w, i) ? read_pages(w, part, pages)
							   : worker_goes_on(w);

			if (!goes_on)
				return 0;
			worker_iteration(w, pages);
		}
}

/* A file without a name, on disk where there is one: what /tmp has is often memory as well. */
static int open_own(struct mpol_worker *w, uint64_t bytes, struct mpol_error *err)
{
	static const char *const places[] = { "/var/tmp", "/tmp", "/" };
	_cleanup_close_ int fd = -1;
	char block[65536];

	for (size_t i = 0; i < ELEMENTSOF(places) && fd < 0; i++)
		fd = open(places[i], O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (fd < 0)
		fd = memfd_create("mpol-work", MFD_CLOEXEC);
	if (fd < 0)
		return mpol_fail_errno(err, &no_file, errno, "", "a file of its own: %m");
	memset(block, 1, sizeof(block));
	for (uint64_t done = 0; done < bytes && worker_goes_on(w); done += sizeof(block)) {
		int r = fd_write_all(fd, block, MIN(bytes - done, (uint64_t)sizeof(block)));

		if (r < 0)
			return mpol_fail_errno(err, &no_file, -r, "", "writing %llu bytes: %s",
					       (unsigned long long)bytes, strerror(-r));
	}
	return TAKE_FD(fd);
}

static int open_named(const char *path, uint64_t *ret_bytes, struct mpol_error *err)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return mpol_fail_errno(err, &no_file, errno, "", "%.150s: %m", path);
	if (!S_ISREG(st.st_mode) || st.st_size == 0)
		return mpol_fail(err, &no_file, "", "%.150s is empty, or no file", path);
	/* What is cached already is where others put it. */
	(void)posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
	*ret_bytes = MIN(*ret_bytes, (uint64_t)st.st_size);
	return TAKE_FD(fd);
}

int work_file(struct mpol_worker *w, struct mpol_error *err)
{
	const struct mpol_work_spec *spec = w->plan->work;
	uint64_t page = work_page(), bytes = work_page_bytes(spec);
	_cleanup_close_ int fd =
		spec->file ? open_named(spec->file, &bytes, err) : open_own(w, bytes, err);
	size_t pages = (bytes + page - 1) / page;
	char *memory;

	if (fd < 0)
		return fd;
	memory = mmap(NULL, bytes, PROT_READ, MAP_SHARED, fd, 0);
	if (memory == MAP_FAILED)
		return mpol_fail_errno(err, &no_file, errno, "", "mapping %llu bytes: %m",
				       (unsigned long long)bytes);
	if (!worker_publish(w, memory, pages * page, err))
		return -err->errnum;
	if (!read_pages(w, memory, pages))
		return 0;
	worker_iteration(w, pages);
	worker_touched(w);
	while (read_pages(w, memory, pages))
		worker_iteration(w, pages);
	return 0;
}
