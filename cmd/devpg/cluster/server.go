package cluster

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// port only names the socket's file; nothing listens on the network.
const port = "5432"

// patience bounds the wait for a server. Recovery after a crash takes seconds,
// a busy machine takes more.
const patience = 2 * time.Minute

// run makes sure of a server that takes connections. The caller holds startStop.
func (c *Cluster) run(ctx context.Context) error {
	ctx, cancel := context.WithTimeoutCause(ctx, patience, fmt.Errorf("PostgreSQL was not ready after %s; its log is %s", patience, c.logFile()))
	defer cancel()
	server, err := openLock(c.serverLock())
	if err != nil {
		return err
	}
	defer server.close()
	for {
		// Held: a server left by a killed process lives, starts or stops. Free: there is none.
		if free, err := server.tryExclusive(); err != nil {
			return err
		} else if free {
			break
		}
		if c.ready(ctx) {
			return nil
		}
		if sleep(ctx) != nil {
			return context.Cause(ctx)
		}
	}
	if !initialised(c.data) {
		if err := c.initialise(ctx, server); err != nil {
			return fmt.Errorf("make a PostgreSQL cluster: %w", err)
		}
	}
	return c.launch(ctx, server)
}

// initialise makes the data folder. initdb can be killed half-way, so it works
// aside and the result is renamed.
func (c *Cluster) initialise(ctx context.Context, server *lock) error {
	fmt.Fprintf(c.log, "Making a private PostgreSQL %d cluster (a few seconds, once)…\n", c.programs.major)
	aside := c.data + ".new"
	if err := os.RemoveAll(aside); err != nil {
		return err
	}
	if c.options.Initialise != nil {
		err := c.options.Initialise(func(name string, args ...string) *exec.Cmd { return c.command(ctx, server, aside, name, args...) })
		if err != nil {
			return err
		}
		return os.Rename(aside, c.data)
	}
	initdb := c.program(ctx, server, "initdb", "-D", aside, "-U", "app", "--auth=trust", "--encoding=UTF8",
		"--lc-collate=C", "--lc-ctype="+ctype(), "--no-sync")
	create := c.program(ctx, server, "postgres", "--single", "-D", aside, "postgres")
	create.Stdin = strings.NewReader("create database app\n")
	for _, cmd := range []*exec.Cmd{initdb, create} {
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("%s: %w\n%s", filepath.Base(cmd.Path), err, out)
		}
	}
	return os.Rename(aside, c.data)
}

// launch starts the server and waits until it takes connections. The server
// inherits its lock and keeps it until the last of its processes has ended.
func (c *Cluster) launch(ctx context.Context, server *lock) error {
	// With the lock in hand nothing of an earlier server lives, and its pid may
	// be another process by now.
	if err := os.RemoveAll(c.pidFile()); err != nil {
		return err
	}
	log, err := os.Create(c.logFile())
	if err != nil {
		return fmt.Errorf("open PostgreSQL's log: %w", err)
	}
	defer log.Close()
	cmd := c.program(context.WithoutCancel(ctx), server, "postgres", "-D", c.data,
		"-c", "listen_addresses=", "-c", "port="+port, "-c", "unix_socket_directories="+c.sockets)
	var settings []string
	if c.options.Fast {
		// Databases of tests live for seconds: nothing is worth keeping or tidying up.
		settings = []string{"fsync=off", "autovacuum=off", "checkpoint_timeout=1h", "min_wal_size=32MB", "max_wal_size=512MB", "max_connections=200"}
		if !c.options.Replicates {
			settings = append(settings, "synchronous_commit=off", "full_page_writes=off", "wal_level=minimal", "max_wal_senders=0")
		}
	}
	for _, setting := range settings {
		cmd.Args = append(cmd.Args, "-c", setting)
	}
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start PostgreSQL: %w", err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for !c.ready(ctx) {
		select {
		case err := <-ended:
			return fmt.Errorf("PostgreSQL did not start (%w). Its log, %s, ends with:\n%s", err, c.logFile(), c.logEnd())
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(pause):
		}
	}
	return nil
}

// stop ends the server, whoever started it, and waits until it is gone. The
// caller holds startStop and is the last user.
func (c *Cluster) stop(ctx context.Context) error {
	ctx, cancel := context.WithTimeoutCause(ctx, patience, fmt.Errorf("PostgreSQL did not stop within %s; its log is %s", patience, c.logFile()))
	defer cancel()
	server, err := openLock(c.serverLock())
	if err != nil {
		return err
	}
	defer server.close()
	for asked := 0; ; {
		if free, err := server.tryExclusive(); err != nil {
			return err
		} else if free {
			break
		}
		// Only a live server holds the lock, so the pid is that server's. A new
		// number needs a signal of its own.
		if pid, _ := c.status(); pid != 0 && pid != asked {
			if err := syscall.Kill(pid, syscall.SIGINT); err != nil && !errors.Is(err, syscall.ESRCH) { // "fast" shutdown
				return fmt.Errorf("stop PostgreSQL: %w", err)
			}
			asked = pid
		}
		if sleep(ctx) != nil {
			return context.Cause(ctx)
		}
	}
	if !c.account.owns(c.sockets) {
		return nil
	}
	return os.RemoveAll(c.sockets)
}

// program prepares one of PostgreSQL's programs. It inherits the server's lock,
// so that what a killed process leaves behind is waited for, not run into.
func (c *Cluster) program(ctx context.Context, server *lock, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, filepath.Join(c.programs.bin, name), args...)
	cmd.SysProcAttr, cmd.Dir = c.account.attributes(), c.dir
	if server != nil {
		cmd.ExtraFiles = []*os.File{server.file}
	}
	for _, v := range os.Environ() {
		// PGPORT, PGDATA and the like are meant for other servers.
		if !strings.HasPrefix(v, "PG") && !strings.HasPrefix(v, "LC_") && !strings.HasPrefix(v, "LANG") {
			cmd.Env = append(cmd.Env, v)
		}
	}
	cmd.Env = append(cmd.Env, "LC_ALL="+ctype())
	return cmd
}

// ready tells whether a server takes connections. Its pid file says so first;
// but the file outlives a kill -9, and the socket decides.
func (c *Cluster) ready(ctx context.Context) bool {
	if _, ready := c.status(); !ready {
		return false
	}
	conn, err := (&net.Dialer{}).DialContext(ctx, "unix", filepath.Join(c.sockets, ".s.PGSQL."+port))
	if err != nil {
		return false
	}
	_ = conn.Close()
	return true
}

// status reads postmaster.pid: the server's pid is on its first line, and on
// the eighth whether it is "ready" (PostgreSQL's src/include/utils/pidfile.h).
func (c *Cluster) status() (pid int, ready bool) {
	text, err := os.ReadFile(c.pidFile())
	if err != nil {
		return 0, false
	}
	lines := strings.Split(string(text), "\n")
	pid, err = strconv.Atoi(strings.TrimSpace(lines[0]))
	if err != nil || pid < 2 {
		return 0, false
	}
	return pid, len(lines) > 7 && strings.TrimSpace(lines[7]) == "ready"
}

func (c *Cluster) serverLock() string { return filepath.Join(c.dir, "server.lock") }
func (c *Cluster) pidFile() string    { return filepath.Join(c.data, "postmaster.pid") }
func (c *Cluster) logFile() string    { return filepath.Join(c.dir, "postgres.log") }

// logEnd is the log's last lines, for a message.
func (c *Cluster) logEnd() []byte {
	text, err := os.ReadFile(c.logFile())
	if err != nil {
		return []byte(err.Error())
	}
	lines := bytes.SplitAfter(text, []byte("\n"))
	return bytes.Join(lines[max(0, len(lines)-8):], nil)
}

// ctype names a locale that knows the letters of every script and orders by
// code point; macOS calls it otherwise.
func ctype() string {
	if runtime.GOOS == "darwin" {
		return "en_US.UTF-8"
	}
	return "C.UTF-8"
}
