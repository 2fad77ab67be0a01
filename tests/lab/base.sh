#!/bin/sh
# base.sh DIR   fetches what the lab's hosts have and the machine may lack: sshd, sudo, csh. They are unpacked into DIR and
# not installed: the hosts lay DIR over the machine's own root, and no daemon is ever started on the machine itself.
set -eu
target=$1
[ ! -x "$target/usr/sbin/sshd" ] || exit 0

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fetch() {
    (cd "$work" && apt-get download -qq -o APT::Sandbox::User=root openssh-server libwrap0 sudo tcsh >&2)
}
fetch 2>/dev/null || { apt-get update -qq && fetch; }
mkdir "$work/root"
for package in "$work"/*.deb; do
    dpkg-deb -x "$package" "$work/root"
done
# /bin and /lib are links to /usr on the machine: as directories of an upper layer they would hide them
cp -a "$work/root/bin/." "$work/root/usr/bin/"
rm -rf "$work/root/bin" "$work/root/lib"
chmod 755 "$work/root/usr/bin/sudo" # setuid only inside a lab
ln -sf tcsh "$work/root/usr/bin/csh"
chmod 755 "$work/root"
rm -rf "$target"
mkdir -p "$(dirname "$target")"
mv "$work/root" "$target"
