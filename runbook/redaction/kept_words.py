"""Words that say nothing of a site, because every installation or every host has them: kept as they are."""

LABELS = frozenset(
    {
        "localhost",
        "localdomain",
        "localhost.localdomain",
        "localhost4",
        "localhost6",
        "ip6-localhost",
        "ip6-loopback",
        "*",
    }
)

# Components of paths: of the file system's standard, of boot and cron, and of the product's default places.
_PLACES = """
opt pmx pmx6 var log logs qdir postgres postfix etc bin sbin lib lib64 usr local home root tmp mnt media srv export
dev run proc sys boot data spool mail mqueue cron cron.d crontabs crontab cron.daily cron.hourly cron.weekly
cron.monthly tabs atjobs init.d rc.d rc0.d rc1.d rc2.d rc3.d rc4.d rc5.d rc6.d rcS.d rc.local rc.conf rc.conf.local
rc.conf.d rc.config.d inittab inet sysconfig default systemd system multi-user.target.wants default.target.wants
graphical.target.wants pmx.d pmdb.conf main.cf sendmail.cf sendmail.mc aliases mapper null zero tty stdout stderr fd
alternatives pmx-db pmx-sql share man doc include libexec lost+found tmpfs devtmpfs none swap zfs shm rpool manifest
svc site monit.d nagios conf.d hosts
"""
# Words of texts: what commands, their output and our own reasons are made of.
_WORDS = """
a an and are as at be by for from has have in is it its no not of off on only or over so than that the then there this
to was were what which who with without all any each every none nothing nobody other same some old new previous before
after compare compared compares absent empty version below above 5.6 5.6.1 6 6.0 24x7 8x5 pmx pmx6 puremessage sophos
rm sudo doas pfexec pbrun env nohup time nice exec xargs if else elif while until do done fi sh bash ksh zsh dash su
runuser ssh find execdir ok okdir recursive mkfs newfs mkfs.ext3 mkfs.ext4 mkfs.xfs mkfs.btrfs dd shutdown reboot halt
poweroff init telinit systemctl hostname hostnamectl set-hostname file ifconfig inet inet6 ip ad add addr addre addres
address l li lin link del delete d flush f change replace set ipadm create-addr delete-addr set-addrprop down-addr
up-addr create-ip delete-ip disable-addr enable-addr down up rf r cp mv tar rsync df du ls ps cat echo mail database
quarantine log logs config configuration policy policies report reports queue queues inbound outbound both local
ansible files kit playbook coordinator second person manager network chair deputy administrator e-mail email phone
chat bridge telephone normal standard emergency high medium low moderate running stopped dead started failed timeout
timed out unreachable refused denied permission connection no-such such directory command found key verification
section collected look looked answer answered read seen server unknown rw ro relatime noatime noexec nosuid nodev
errors remount-ro data ordered seclabel hard soft intr nointr vers proto rsize wsize size mode nr_inodes inode64
noquota logbufs attr2 logging xattr largefiles delaylog suid auto user async sync tcp udp port mountport timeo retrans
sec sys nfs nfs3 nfs4 zfs ext3 ext4 xfs bundled-postfix bundled-sendmail jsms postfix sendmail exim qmail smail mmdf
courier root postgres postmaster master smtpd qmgr pickup cron crond sshd perl java httpd apache apache2 syslogd
rsyslogd systemd ntpd chronyd milter pmx-milter pmx-qman pmx-httpd pmx-scheduler pmx-queue pmx-manager pmx-profile
pmx-store pg pgsql postgresql pdb dbname invented sample
"""
PLACES, WORDS = frozenset(_PLACES.split()), frozenset(_WORDS.split())
SUFFIXES = frozenset(
    {"service", "timer", "target", "conf", "cf", "mc", "tar", "gz", "sh", "log", "pl", "cron", "wants"}
)
