/* SPDX-License-Identifier: MIT */
/* A root with devices; see devices.h. */
#include "devices.h"
#include "root.h"

int devices_root(void)
{
	int fd = root_make();

	root_put("sys/devices/pci0000:00/0000:00:03.0/numa_node", "1\n");
	root_put("sys/devices/pci0000:00/0000:00:03.0/virtio0/net/eth0/upper_bond0/x", "");
	root_put("sys/devices/pci0000:00/0000:00:03.0/virtio1/block/vda/vda1/dev", "8:1\n");
	root_put("sys/devices/pci0001:3a/0001:3a:1f.2/numa_node", "-1\n");
	root_put("sys/devices/pci0001:3a/0001:3a:1f.2/net/eth1/mtu", "1500\n");
	root_put("sys/devices/virtual/net/lo/mtu", "65536\n");
	root_put("sys/devices/virtual/block/md0/dev", "9:0\n");
	root_put("sys/devices/virtual/net/bond0/mtu", "1500\n");
	root_link("sys/class/net/eth0", "../../devices/pci0000:00/0000:00:03.0/virtio0/net/eth0");
	root_link("sys/class/net/eth1", "../../devices/pci0001:3a/0001:3a:1f.2/net/eth1");
	root_link("sys/class/net/lo", "../../devices/virtual/net/lo");
	root_link("sys/class/net/bond0", "../../devices/virtual/net/bond0");
	root_link("sys/class/block/vda1",
		  "../../devices/pci0000:00/0000:00:03.0/virtio1/block/vda/vda1");
	root_link("sys/class/block/md0", "../../devices/virtual/block/md0");
	root_link("sys/class/net/old0/device", "../../../devices/pci0000:00/0000:00:03.0/virtio0");
	root_link("sys/class/net/loop", "../../devices/virtual/net/loop");
	root_link("sys/class/net/far", "../../../../../../../../etc");
	root_link("sys/bus/pci/devices/0000:00:03.0", "../../../devices/pci0000:00/0000:00:03.0");
	root_link("sys/bus/pci/devices/0001:3a:1f.2", "../../../devices/pci0001:3a/0001:3a:1f.2");
	root_link("sys/devices/virtual/net/bond0/lower_eth0",
		  "../../../pci0000:00/0000:00:03.0/virtio0/net/eth0");
	root_link("sys/devices/virtual/net/bond0/lower_eth1",
		  "../../../pci0001:3a/0001:3a:1f.2/net/eth1");
	root_link("sys/devices/virtual/net/loop/lower_loop", "../loop");
	root_link("sys/devices/virtual/block/md0/slaves/vda1",
		  "../../../../pci0000:00/0000:00:03.0/virtio1/block/vda/vda1");
	return fd;
}
