package disk

import (
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// IsRemote reports whether path, an existing file or folder, is on a file system that
// several machines can share, and its kind, such as "NFS". Locks and shared memory may
// not work there. It is false where the question fails, and for an unknown kind.
func IsRemote(path string) (kind string, remote bool) {
	var fs unix.Statfs_t
	if err := unix.Statfs(path, &fs); err != nil {
		return "", false
	}
	magic := uint32(fs.Type) // signed on some processors
	if magic != unix.FUSE_SUPER_MAGIC {
		return remoteKind(magic)
	}
	var file unix.Stat_t
	mounts, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil || unix.Stat(path, &file) != nil {
		return "", false
	}
	return fuseKind(string(mounts), unix.Major(uint64(file.Dev)), unix.Minor(uint64(file.Dev)))
}

// remoteKind returns the kind of a file system from its number in statfs.
func remoteKind(magic uint32) (kind string, remote bool) {
	switch magic {
	case unix.NFS_SUPER_MAGIC:
		kind = "NFS"
	case unix.SMB_SUPER_MAGIC, unix.SMB2_SUPER_MAGIC, unix.CIFS_SUPER_MAGIC:
		kind = "SMB"
	case unix.V9FS_MAGIC:
		kind = "9p"
	case unix.CEPH_SUPER_MAGIC:
		kind = "CephFS"
	case unix.AFS_SUPER_MAGIC, unix.AFS_FS_MAGIC: // OpenAFS, and the kernel's own
		kind = "AFS"
	case unix.CODA_SUPER_MAGIC:
		kind = "Coda"
	case unix.OCFS2_SUPER_MAGIC:
		kind = "OCFS2"
	case gfs2:
		kind = "GFS2"
	case lustre:
		kind = "Lustre"
	}
	return kind, kind != ""
}

// Numbers that package unix lacks.
const (
	gfs2   = 0x01161970
	lustre = 0x0bd00bd0
)

// fuseKind is remoteKind for a file system of FUSE, whose number is always the same. The
// line of its device in /proc/self/mountinfo has the name.
func fuseKind(mounts string, major, minor uint32) (kind string, remote bool) {
	device := fmt.Sprintf("%d:%d", major, minor)
	for line := range strings.Lines(mounts) {
		mount, system, ok := strings.Cut(line, " - ")
		if fields := strings.Fields(mount); !ok || len(fields) < 3 || fields[2] != device {
			continue
		}
		switch name, _, _ := strings.Cut(system, " "); name {
		case "fuse.glusterfs":
			return "GlusterFS", true
		case "fuse.ceph-fuse", "fuse.ceph":
			return "CephFS", true
		case "fuse.sshfs", "fuse.s3fs", "fuse.rclone", "fuse.gcsfuse", "fuse.juicefs", "fuse.mfs":
			return strings.TrimPrefix(name, "fuse."), true
		}
		return "", false
	}
	return "", false
}
