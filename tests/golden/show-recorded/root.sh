node=root/sys/devices/system/node
mkdir -p $node/node0 $node/node1 root/proc/7/task/7 root/proc/7/task/9 root/proc/8 root/proc/self
echo 0-1 | tee $node/online $node/possible $node/has_memory >/dev/null
echo 0 >$node/has_cpu
echo 0-1 >$node/node0/cpulist
echo >$node/node1/cpulist
for n in 0 1; do
	printf 'Node %s MemTotal: 2097152 kB\nNode %s MemFree: 524288 kB\nNode %s AnonPages: 1048576 kB\nNode %s HugePages_Total: 2\n' \
		$n $n $n $n >$node/node$n/meminfo
	printf 'numa_hit 123456%s\nnuma_miss %s\nnuma_foreign 0\ninterleave_hit 77\nlocal_node 5\nother_node 6\n' $n $n >$node/node$n/numastat
done
printf 'numa_pages_migrated 12\npgmigrate_success 3456\npgmigrate_fail 1\n' >root/proc/vmstat
printf 'data base\033[31m\n' >root/proc/7/comm
printf 'Cpus_allowed_list:\t0-1\nMems_allowed_list:\t0-1\n' | tee root/proc/7/status root/proc/8/status >root/proc/self/status
cat >root/proc/7/numa_maps <<'END'
400000 default file=/usr/bin/db mapped=10 mapmax=3 N0=10 kernelpagesize_kB=4
600000 default file=/usr/bin/db anon=4 dirty=4 N0=3 N1=1 kernelpagesize_kB=4
700000 interleave:0-1 anon=1024 dirty=1024 N0=512 N1=512 kernelpagesize_kB=4
800000 bind=static:1 huge anon=3 N0=1 N1=2 kernelpagesize_kB=2048
900000 bind:0,2,4,6,8,10,12,14,16,18,20,22,24,26,28,30,32,34,36,38,40, anon=2 N0=2 kernelpagesize_kB=4
a00000 prefer (many):0 file=/dev/shm/x mapped=6 N0=6 kernelpagesize_kB=4
b00000 weighted interleave:0-1
END
echo '400000 default file=/usr/bin/db' >root/proc/7/task/7/numa_maps
echo '400000 bind:0 file=/usr/bin/db' >root/proc/7/task/9/numa_maps
printf '1 0 0:1 / / rw - ext4 /dev/sda rw\n2 1 0:2 / /dev/shm rw - tmpfs x rw\n' >root/proc/7/mountinfo
echo '7 (data base) S 1 7 7 0 -1 4194304' >root/proc/7/stat
echo '8 (a) b) S 7 8 8 0 -1 4194304' >root/proc/8/stat
echo child >root/proc/8/comm
echo '400000 default anon=1 N1=1 kernelpagesize_kB=4' >root/proc/8/numa_maps
