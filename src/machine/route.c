/* SPDX-License-Identifier: MIT */
/* By which network interface an address is reached: one RTM_GETROUTE of rtnetlink(7). */
#include <errno.h>
#include <linux/rtnetlink.h>
#include <netinet/in.h>
#include <string.h>

#include "base/cleanup.h"
#include "machine/route.h"

struct request {
	struct nlmsghdr header;
	struct rtmsg route;
	char attributes[64];
};

/* The question: which route leads to the address. */
static int make_request(const struct sockaddr *address, struct request *ret)
{
	const struct sockaddr_in *v4 = (const void *)address;
	const struct sockaddr_in6 *v6 = (const void *)address;
	const void *data = address->sa_family == AF_INET ? (const void *)&v4->sin_addr
							 : (const void *)&v6->sin6_addr;
	size_t len = address->sa_family == AF_INET ? sizeof(v4->sin_addr) : sizeof(v6->sin6_addr);
	struct rtattr *to;

	if (address->sa_family != AF_INET && address->sa_family != AF_INET6)
		return -EAFNOSUPPORT;
	*ret = (struct request){ 0 };
	ret->route.rtm_family = (unsigned char)address->sa_family;
	ret->route.rtm_dst_len = (unsigned char)(len * 8);
	to = (struct rtattr *)ret->attributes;
	to->rta_type = RTA_DST;
	to->rta_len = (unsigned short)RTA_LENGTH(len);
	memcpy(RTA_DATA(to), data, len);
	ret->header.nlmsg_len = (unsigned)(NLMSG_LENGTH(sizeof(struct rtmsg)) + RTA_LENGTH(len));
	ret->header.nlmsg_type = RTM_GETROUTE;
	ret->header.nlmsg_flags = NLM_F_REQUEST;
	return 0;
}

/* The interface in the answer. */
static int interface_of(struct nlmsghdr *answer)
{
	struct rtmsg *route = NLMSG_DATA(answer);
	int len = (int)RTM_PAYLOAD(answer), index;

	for (struct rtattr *a = RTM_RTA(route); RTA_OK(a, len); a = RTA_NEXT(a, len))
		if (a->rta_type == RTA_OIF && RTA_PAYLOAD(a) >= sizeof(index)) {
			memcpy(&index, RTA_DATA(a), sizeof(index));
			return index;
		}
	return -ENODEV;
}

int route_interface(const struct sockaddr *address)
{
	_cleanup_close_ int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	union {
		struct nlmsghdr header;
		char bytes[4096];
	} answer;
	struct request request;
	ssize_t n;
	int r;

	if (fd < 0)
		return -errno;
	r = make_request(address, &request);
	if (r < 0)
		return r;
	if (send(fd, &request, request.header.nlmsg_len, 0) < 0)
		return -errno;
	do
		n = recv(fd, &answer, sizeof(answer), 0);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	if (!NLMSG_OK(&answer.header, (unsigned)n))
		return -EBADMSG;
	if (answer.header.nlmsg_type == NLMSG_ERROR) {
		struct nlmsgerr *e = NLMSG_DATA(&answer.header);

		return e->error < 0 ? e->error : -EBADMSG;
	}
	return answer.header.nlmsg_type == RTM_NEWROUTE ? interface_of(&answer.header) : -EBADMSG;
}
