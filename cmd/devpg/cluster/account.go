package cluster

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"strconv"
	"syscall"
)

// account is the one the server runs under.
type account struct {
	uid, gid uint32
	dropped  bool // we are root and the server is not
}

// serverAccount is ours, or under root that of the installed PostgreSQL.
func serverAccount() (account, error) {
	if os.Getuid() != 0 {
		return account{uid: uint32(os.Getuid()), gid: uint32(os.Getgid())}, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		u, err = user.Lookup("nobody")
	}
	if err != nil {
		return account{}, fmt.Errorf("PostgreSQL refuses to run as root, and there is neither a user postgres nor a user nobody: %w", err)
	}
	uid, uidErr := strconv.ParseUint(u.Uid, 10, 32)
	gid, gidErr := strconv.ParseUint(u.Gid, 10, 32)
	if err := errors.Join(uidErr, gidErr); err != nil {
		return account{}, fmt.Errorf("read the ids of the user %s: %w", u.Username, err)
	}
	return account{uid: uint32(uid), gid: uint32(gid), dropped: true}, nil
}

// attributes put a process into this account and into a group of its own, so
// that ^C in the terminal does not reach the server before those who use it.
func (a account) attributes() *syscall.SysProcAttr {
	attr := &syscall.SysProcAttr{Setpgid: true}
	if a.dropped {
		attr.Credential = &syscall.Credential{Uid: a.uid, Gid: a.gid}
	}
	return attr
}

// privateFolder makes a folder that only the server's account may enter.
func (a account) privateFolder(path string) error {
	if err := os.MkdirAll(path, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("make the cluster's folder: %w", err)
	}
	if !a.owns(path) {
		return fmt.Errorf("%s is not a folder of ours; remove it, or have its owner do so", path)
	}
	if err := os.Chmod(path, 0o700); err != nil { //nolint:gosec // a folder needs x
		return fmt.Errorf("close the cluster's folder to others: %w", err)
	}
	if err := os.Lchown(path, int(a.uid), int(a.gid)); err != nil {
		return fmt.Errorf("hand the cluster's folder to the server's account: %w", err)
	}
	return nil
}

// owns tells whether path is a folder that the server's account or we have
// made. Somebody else's is not to be used: they could answer in the server's
// place.
func (a account) owns(path string) bool {
	info, err := os.Lstat(path)
	if err != nil || !info.IsDir() {
		return false
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && (stat.Uid == a.uid || stat.Uid == uint32(os.Getuid()))
}
