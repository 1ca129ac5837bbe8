/* SPDX-License-Identifier: MIT */
/* What kernel a file is: the x86 boot header of a bzImage. Source: Documentation/arch/x86/boot.rst.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "vm/kernel.h"

#include "base/cleanup.h"

#define BOOT_FLAG      0x1fe /* 0xaa55 */
#define HEADER_MAGIC   0x202 /* "HdrS" */
#define KERNEL_VERSION 0x20e /* where the version text stands, less 0x200 */

int vm_kernel_release(const char *path, char *ret, size_t size)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	unsigned char head[0x210];
	char text[128];
	ssize_t n;

	if (fd < 0)
		return -errno;
	n = pread(fd, head, sizeof(head), 0);
	if (n < 0)
		return -errno;
	if (n < (ssize_t)sizeof(head) || head[BOOT_FLAG] != 0x55 || head[BOOT_FLAG + 1] != 0xaa ||
	    memcmp(head + HEADER_MAGIC, "HdrS", 4) != 0)
		return -ENOEXEC;
	n = pread(fd, text, sizeof(text) - 1,
		  0x200 + (head[KERNEL_VERSION] | head[KERNEL_VERSION + 1] << 8));
	if (n <= 0)
		return -ENOEXEC;
	text[n] = '\0';
	text[strcspn(text, " ")] = '\0';
	if (text[0] < '0' || text[0] > '9' || strlen(text) >= size)
		return -ENOEXEC;
	memcpy(ret, text, strlen(text) + 1);
	return 0;
}
