package cluster

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
)

// Command prepares a command under the account that the server runs under. It
// finds PostgreSQL's programs in its path, and this server by the variables that
// they read.
func (c *Cluster) Command(ctx context.Context, name string, args ...string) *exec.Cmd {
	return c.command(ctx, nil, c.data, name, args...)
}

func (c *Cluster) command(ctx context.Context, server *lock, data, name string, args ...string) *exec.Cmd {
	cmd := c.program(ctx, server, name, args...)
	if path := filepath.Join(c.programs.bin, name); !exists(path) {
		found, err := exec.LookPath(name)
		cmd.Path, cmd.Err = found, err
	}
	cmd.Env = append(cmd.Env, "PATH="+c.programs.bin+":"+os.Getenv("PATH"), "PGDATA="+data, "PGHOST="+c.sockets, "PGPORT="+port, "PGUSER=app")
	return cmd
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// Sockets is the folder of the server's socket: the host in its address.
func (c *Cluster) Sockets() string { return c.sockets }

// Kill ends the server at once, as a power cut would, and returns when none of
// its processes is left.
func (c *Cluster) Kill(ctx context.Context) error {
	pid, _ := c.status()
	if pid == 0 {
		return errors.New("the server does not run")
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		return fmt.Errorf("kill PostgreSQL: %w", err)
	}
	server, err := openLock(c.serverLock())
	if err != nil {
		return err
	}
	defer server.close()
	return server.exclusive(ctx)
}
