// Package cluster runs a private PostgreSQL for development and tests.
//
// A cluster belongs to one folder, and that folder says everything: its data
// is made on first use and kept, its server listens on a Unix socket that only
// its owner can reach, and whoever starts it while it runs shares it. The
// server stops when its last user is done. A user that was killed leaves the
// server running; the next one finds it, uses it and stops it.
package cluster

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// Options describe the cluster to start.
type Options struct {
	// Dir is the cluster's folder, made if necessary. Each folder is a cluster
	// of its own. Under root the data lies in /var/lib/devpg-… instead, one
	// folder for each Dir: PostgreSQL refuses to run as root, and the account
	// it runs under may not enter root's folders.
	Dir string
	// Fast gives up safety against a crash of the machine and allows many
	// connections. It is for tests, whose data nobody misses. Where the machine
	// has a file system in memory with room for it, the data lies there: each
	// test makes and drops hundreds of files, which on disks costs more than
	// most tests.
	Fast bool
	// Replicates leaves the settings alone that replication needs, so that the
	// server may have standbys or be one.
	Replicates bool
	// Initialise makes the data folder in another way than from nothing: as the
	// copy of another server. Its commands find the folder in PGDATA.
	Initialise func(command func(name string, args ...string) *exec.Cmd) error
	// Log is told about steps that take a while; nil for nobody.
	Log io.Writer
}

// Cluster is a running PostgreSQL. Close it when done.
type Cluster struct {
	dir     string
	data    string // the data folder, which belongs to one major version
	sockets string // the folder of the Unix socket
	log     io.Writer

	programs programs
	account  account
	options  Options

	// Three locks, in files of the cluster's folder. They go away with the
	// processes that hold them, however these end.
	startStop *lock // held while somebody starts or stops the server
	users     *lock // shared by everybody who uses the server
	// The third, server.lock, is held by the server itself and all its processes.
}

// Find returns the folder of the PostgreSQL programs that a cluster in dir
// would use, or an error that is ErrNoPrograms.
func Find(ctx context.Context, dir string) (string, error) {
	c, err := plan(ctx, Options{Dir: dir})
	if err != nil {
		return "", err
	}
	return c.programs.bin, nil
}

// Start brings up the cluster in o.Dir, or joins it if it runs already. If ctx
// ends first, nothing is left running.
func Start(ctx context.Context, o Options) (c *Cluster, err error) {
	if c, err = plan(ctx, o); err != nil {
		return nil, err
	}
	if err = c.open(); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, c.Close())
			c = nil
		}
	}()
	if err = c.startStop.exclusive(ctx); err != nil {
		return c, err
	}
	defer c.startStop.release()
	// Under the lock, because the last user's Close removes it.
	if err = c.account.privateFolder(c.sockets); err != nil {
		return c, err
	}
	if err = c.users.shared(ctx); err != nil {
		return c, err
	}
	return c, c.run(ctx)
}

// URL is the address of the cluster's database, for pgx, libpq and psql alike.
func (c *Cluster) URL() string {
	return "postgres://app@/app?host=" + url.QueryEscape(c.sockets) + "&port=" + port
}

// Programs is the folder of the PostgreSQL programs that the cluster uses.
func (c *Cluster) Programs() string { return c.programs.bin }

// Close ends this use of the cluster. The last user's Close stops the server
// and returns once it has stopped.
func (c *Cluster) Close() error {
	defer c.users.close()
	defer c.startStop.close()
	ctx := context.Background()
	if err := c.startStop.exclusive(ctx); err != nil {
		return err
	}
	c.users.release()
	if last, err := c.users.tryExclusive(); err != nil || !last {
		return err
	}
	return c.stop(ctx)
}

// Remove deletes the cluster in dir with its data. It refuses while anybody
// uses it, and stops a server that a killed user left running.
func Remove(ctx context.Context, dir string) error {
	for _, fast := range []bool{true, false} {
		if err := remove(ctx, Options{Dir: dir, Fast: fast}); err != nil {
			return err
		}
	}
	return nil
}

func remove(ctx context.Context, o Options) error {
	c, err := plan(ctx, o)
	if err != nil {
		return err
	}
	if _, err := os.Lstat(c.dir); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err := c.open(); err != nil {
		return err
	}
	defer c.startStop.close()
	defer c.users.close()
	if err := c.startStop.exclusive(ctx); err != nil {
		return err
	}
	if unused, err := c.users.tryExclusive(); err != nil {
		return err
	} else if !unused {
		return fmt.Errorf("the cluster in %s is in use", o.Dir)
	}
	if err := c.stop(ctx); err != nil {
		return err
	}
	return os.RemoveAll(c.dir)
}

// plan finds the programs and decides where everything lies.
func plan(ctx context.Context, o Options) (*Cluster, error) {
	dir, err := filepath.Abs(o.Dir)
	if err != nil {
		return nil, fmt.Errorf("find the cluster's folder: %w", err)
	}
	who, err := serverAccount()
	if err != nil {
		return nil, err
	}
	found, err := findPrograms(ctx, filepath.Dir(dir), who)
	if err != nil {
		return nil, err
	}
	key := fmt.Sprintf("%x", sha256.Sum256([]byte(dir)))[:10]
	switch {
	case o.Fast && roomInMemory():
		key += "-fast" // a server of its own, beside a safe one of the same folder
		dir = fmt.Sprintf("%s/devpg-%d-%s", memory, os.Getuid(), key)
	case who.dropped:
		dir = "/var/lib/devpg-" + key
	}
	p := found.forDataIn(dir)
	c := &Cluster{
		dir:  dir,
		data: dataFolder(dir, p.major),
		// Not in dir: the path of a socket may have 103 bytes. The user's id keeps two users of one folder apart.
		sockets:  fmt.Sprintf("/tmp/devpg-%d-%s", os.Getuid(), key),
		log:      o.Log,
		programs: p,
		account:  who,
		options:  o,
	}
	if c.log == nil {
		c.log = io.Discard
	}
	return c, nil
}

// memory is where Linux has files in memory.
const memory = "/dev/shm"

// roomInMemory asks for the size, not for what is free of it: whoever joins a
// cluster must find it where the first one put it.
func roomInMemory() bool {
	const enough = 4 << 30
	var fs unix.Statfs_t
	return unix.Statfs(memory, &fs) == nil && fs.Blocks*uint64(fs.Bsize) >= enough
}

// open makes the folders and opens the locks.
func (c *Cluster) open() (err error) {
	if err := c.account.privateFolder(c.dir); err != nil {
		return err
	}
	if c.startStop, err = openLock(filepath.Join(c.dir, "start-stop.lock")); err != nil {
		return err
	}
	if c.users, err = openLock(filepath.Join(c.dir, "users.lock")); err != nil {
		c.startStop.close()
		return err
	}
	return nil
}

// dataFolder names the data folder for a major version, because PostgreSQL
// reads only data of its own one.
func dataFolder(dir string, major int) string {
	return filepath.Join(dir, fmt.Sprintf("pg%d", major))
}
