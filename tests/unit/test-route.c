/* SPDX-License-Identifier: MIT */
#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/un.h>

#include "base/macros.h"
#include "check.h"
#include "machine/route.h"

/* Without a lo that is up, nothing is routed. */
static unsigned loopback(void)
{
	unsigned lo = if_nametoindex("lo");
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_addr = { htonl(INADDR_LOOPBACK) } };

	if (!lo)
		check_skip("there is no interface lo");
	if (route_interface((struct sockaddr *)&address) == -ENETUNREACH)
		check_skip("lo is down");
	return lo;
}

TEST(the_own_address_is_reached_by_lo)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET };
	unsigned lo = loopback();

	CHECK_EQ(inet_pton(AF_INET, "127.0.0.1", &v4.sin_addr), 1);
	CHECK_EQ(route_interface((struct sockaddr *)&v4), lo);
	CHECK_EQ(inet_pton(AF_INET, "127.1.2.3", &v4.sin_addr), 1);
	CHECK_EQ(route_interface((struct sockaddr *)&v4), lo);
}

TEST(the_own_address_of_ipv6_is_reached_by_lo)
{
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT };
	unsigned lo = loopback();
	int r = route_interface((struct sockaddr *)&v6);

	if (r == -ENETUNREACH || r == -EOPNOTSUPP)
		check_skip("there is no IPv6 here");
	CHECK_EQ(r, lo);
}

TEST(other_families_have_no_route)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };

	CHECK_EQ(route_interface((struct sockaddr *)&un), -EAFNOSUPPORT);
}
