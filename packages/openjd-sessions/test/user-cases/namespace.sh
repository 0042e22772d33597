#!/bin/sh
# Runs a program as hostuser or root where there are users that this machine does not have:
#
#   unshare -m --propagation private sh namespace.sh NODE REPOSITORY USER PROGRAM NUMBER
#
#   hostuser      the agent: may run everything as targetuser, by sudo without a password
#   targetuser    as whom actions run; shares sharedgroup with hostuser
#   serviceuser   as targetuser, and cannot log in
#   disjointuser  shares nothing
#
# Files of /etc are covered by copies, seen only in this mount namespace. Node and the repository
# appear under /mnt, because their own places may be closed to other users. The users' ids begin at NUMBER,
# so that two of these at once do not meet.
set -eu
node=$1 repository=$2 user=$3 program=$4 number=$5

mount -t tmpfs -o mode=755 none /mnt
mkdir /mnt/etc /mnt/repository /mnt/roots /mnt/bin /mnt/home
chmod 1777 /mnt/roots
touch /mnt/node
mount --bind "$node" /mnt/node
mount --bind "$repository" /mnt/repository
for name in passwd group shadow sudoers; do cp -p "/etc/$name" /mnt/etc; done

first=$number
for name in hostuser targetuser serviceuser disjointuser; do
  shell=/bin/sh
  [ "$name" = serviceuser ] && shell=/usr/sbin/nologin
  echo "$name:x:$number:$number::/mnt/home/$name:$shell" >>/mnt/etc/passwd
  echo "$name:x:$number:" >>/mnt/etc/group
  echo "$name:*:19000:0:99999:7:::" >>/mnt/etc/shadow
  mkdir -m 700 "/mnt/home/$name"
  chown "$number:$number" "/mnt/home/$name"
  number=$((number + 1))
done
echo "sharedgroup:x:$((first + 10)):hostuser,targetuser,serviceuser" >>/mnt/etc/group
echo "crowdedgroup:x:$((first + 11)):hostuser,targetuser,disjointuser" >>/mnt/etc/group
echo "disjointgroup:x:$((first + 12)):disjointuser" >>/mnt/etc/group
printf '%s\n' 'echo some noise; echo more >&2; export LOGIN_SAYS="hello there"' >/mnt/home/targetuser/.profile
cat >/mnt/etc/sudoers <<'E'
Defaults env_reset,use_pty
root ALL=(ALL:ALL) NOPASSWD: ALL
hostuser ALL=(targetuser,serviceuser,hostuser) NOPASSWD: ALL
E
for name in passwd group shadow sudoers; do mount --bind "/mnt/etc/$name" "/etc/$name"; done

# A sudo that counts: who called it, one letter a call.
printf '#!/bin/sh\nprintf x >>"%s"\nexec %s "$@"\n' '/mnt/roots/sudo-calls-$PPID' "$(command -v sudo)" >/mnt/bin/sudo
chmod 755 /mnt/bin/sudo
mkdir /mnt/without-sudo
for name in mkfifo rm; do ln -s "$(command -v $name)" /mnt/without-sudo; done

cd /mnt/roots
exec setpriv --reuid "$user" --regid "$user" --init-groups \
  env -i HOME=/mnt/roots TMPDIR=/mnt/roots PATH="/mnt/bin:$PATH" AGENT_SECRET="agents-own-secret-$first" \
  /mnt/node "/mnt/repository/$program"
