#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Runs a live test on other kernels, in an emulator: Debian's 6.1, which has no PAGEMAP_SCAN, and 6.12.
#
# Usage: run.sh [-k DIRECTORY] [-m MEMORY] [-s SCRIPT] [VMLINUZ]...
#   -k  where kernels are kept (default: qemu-kernels below the working directory)
#   -m  memory of the machine (default 4G)
#   -s  which script of tests/live (default pages.sh)
# Without a VMLINUZ the newest Debian cloud kernels of both versions are downloaded with apt-get and
# unpacked, not installed. Modules are looked for in lib/modules or usr/lib/modules above VMLINUZ.
#
# MEMMAP, TARGETS and top_srcdir are set by `make qemu`, which is not a part of check: the emulator
# needs some minutes for each kernel. Exit status: 0 all passed, 1 one failed, 77 no emulator.
set -u
export LC_ALL=C.UTF-8

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top_srcdir=$(cd "${top_srcdir:-$here/../..}" && pwd)
MEMMAP=${MEMMAP:-$PWD/src/memmap}
TARGETS=${TARGETS:-$PWD/tests/targets}
kernels=$PWD/qemu-kernels script=pages.sh seconds=3000 memory=4G

# What the scripts of tests/live call. busybox fills the rest.
programs=(bash jq awk sed grep sort comm head tail tr cut cat od ldd xargs readlink mktemp mkfifo
	setpriv setarch flock mkswap swapon swapoff kmod sleep dirname basename timeout stat wc cmp diff)

die() {
	echo "qemu: $*" >&2
	exit 1
}

skip() {
	echo "skipped: $*"
	exit 77
}

while getopts k:m:s: option; do
	case $option in
	k) kernels=$OPTARG ;;
	m) memory=$OPTARG ;;
	s) script=$OPTARG ;;
	*) die "usage: run.sh [-k DIRECTORY] [-m MEMORY] [-s SCRIPT] [VMLINUZ]..." ;;
	esac
done
shift $((OPTIND - 1))

for tool in qemu-system-x86_64 gzip busybox; do
	command -v "$tool" >/dev/null || skip "needs $tool"
done
[ -x "$MEMMAP" ] || die "$MEMMAP is not built"
[ -f "$top_srcdir/tests/live/$script" ] || die "no tests/live/$script"

work=$(mktemp -d "${TMPDIR:-/tmp}/memmap-qemu-XXXXXX") || die "no temporary directory"
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

# fetch VERSION META: the newest cloud kernel that a Debian meta package stands for
fetch() {
	local package vmlinuz
	package=$(apt-cache depends "$2" 2>/dev/null | sed -n 's/.*Depends: \(linux-image-[0-9].*\)/\1/p' | head -n 1)
	[ -n "$package" ] || skip "apt knows no $2 (apt-get update?)"
	if [ ! -d "$kernels/$package" ]; then
		mkdir -p "$kernels"
		(cd "$work" && apt-get -q download "$package" >/dev/null) || die "cannot download $package"
		dpkg-deb -x "$work/$package"_*.deb "$kernels/$package" || die "cannot unpack $package"
	fi
	for vmlinuz in "$kernels/$package"/boot/vmlinuz-*; do
		echo "$vmlinuz"
	done
}

# add FILE...: into the root file system at its own place, with what it is linked to
add() {
	local file
	for file; do
		[ -e "$file" ] || continue
		[ ! -e "$root$file" ] || continue
		mkdir -p "$root$(dirname "$file")"
		cp -L "$file" "$root$file"
		# shellcheck disable=SC2046 # a list of paths without blanks
		add $(ldd "$file" 2>/dev/null | grep -o '/[^ )]*')
	done
}

# The modules of zram and what it needs, as far as this kernel has them.
add_modules() {
	local base
	base=$(dirname "$(dirname "$1")")
	for base in "$base/lib/modules" "$base/usr/lib/modules"; do
		[ -d "$base" ] || continue
		mkdir -p "$root/lib/modules"
		(
			cd "$base" && find . \( -path '*/drivers/block/zram/*' -o -path '*/mm/*' -o -path '*/lib/*' -o \
				-path '*/kernel/crypto/*' -o -name 'modules.order' -o -name 'modules.builtin*' \) -type f \
				-exec cp --parents -t "$root/lib/modules" {} +
		)
		depmod -b "$root" "$(ls "$root/lib/modules")" 2>/dev/null
	done
}

make_root() {
	local program
	root=$work/root
	rm -rf "$root"
	mkdir -p "$root"/{bin,proc,sys,dev,tmp,etc,usr/bin,lib/modules,src/tests/live,targets}
	add "$(command -v busybox)"
	cp "$(command -v busybox)" "$root/bin/busybox"
	for program in "${programs[@]}"; do
		add "$(command -v "$program")"
	done
	ln -sf kmod "$root$(dirname "$(command -v kmod || echo /bin/kmod)")/modprobe"
	add "$MEMMAP" /usr/lib/locale/C.utf8/LC_CTYPE
	cp "$MEMMAP" "$root/bin/memmap"
	for program in "$TARGETS"/*; do
		[ -x "$program" ] && [ ! -d "$program" ] && add "$program" && cp "$program" "$root/targets/"
	done
	cp -r "$top_srcdir/tests/live/." "$root/src/tests/live/"
	echo 'root:x:0:0:root:/:/bin/bash' >"$root/etc/passwd"
	add_modules "$1"
	cat >"$root/init" <<-'END'
		#!/bin/busybox sh
		/bin/busybox mount -t proc proc /proc
		/bin/busybox mount -t sysfs sys /sys
		/bin/busybox mount -t devtmpfs dev /dev
		/bin/busybox mkdir -p /dev/shm
		/bin/busybox mount -t tmpfs -o mode=1777 tmp /dev/shm
		/bin/busybox mount -t tmpfs -o mode=1777 tmp /tmp
		export PATH=/usr/bin:/bin:/usr/sbin:/sbin
		for applet in $(/bin/busybox --list); do
			[ -e /bin/$applet ] || [ -e /usr/bin/$applet ] || [ -e /sbin/$applet ] || [ -e /usr/sbin/$applet ] ||
				/bin/busybox ln -s busybox /bin/$applet
		done
		modprobe zram 2>/dev/null
		read -r script limit reserve </settings
		cd /tmp
		MEMMAP=/bin/memmap TARGETS=/targets top_srcdir=/src RESERVE=$reserve \
			timeout $limit bash /src/tests/live/$script </dev/null 2>&1
		echo "RESULT $?"
		/bin/busybox poweroff -f
	END
	chmod 755 "$root/init"
	echo "$script $((seconds - 120)) 1" >"$root/settings"
	(cd "$root" && find . | busybox cpio -o -H newc 2>/dev/null | gzip -1) >"$work/initramfs" ||
		die "cannot make the initramfs"
}

# run_kernel VMLINUZ
run_kernel() {
	local result
	echo "== $(basename "$1")"
	make_root "$1"
	timeout $seconds qemu-system-x86_64 -accel tcg,thread=multi -cpu max -smp 2 -m "$memory" -nographic \
		-no-reboot -nic none -kernel "$1" -initrd "$work/initramfs" \
		-append "console=ttyS0 quiet panic=-1 hugepagesz=1G hugepages=2 mitigations=off" \
		</dev/null 2>&1 | tr -d '\r' | tee "$work/console" | sed -n '/^[[:print:]]*$/p'
	result=$(sed -n 's/^.*RESULT \([0-9]*\)$/\1/p' "$work/console" | tail -n 1)
	case $result in
	0) echo "PASS $(basename "$1")" ;;
	77) echo "SKIP $(basename "$1")" ;;
	*)
		echo "FAIL $(basename "$1") (status ${result:-none: the machine did not come so far})"
		failed=1
		;;
	esac
}

failed=0
if [ $# -eq 0 ]; then
	mapfile -t images < <(fetch 6.1 linux-image-cloud-amd64 && fetch 6.12 linux-image-6.12-cloud-amd64)
	[ ${#images[@]} -gt 0 ] || skip "no kernels"
	set -- "${images[@]}"
fi
for image; do
	run_kernel "$image"
done
exit $failed
