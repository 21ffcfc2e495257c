// Command devpg runs another command with a private PostgreSQL at hand.
//
//	devpg [-fast] DIR COMMAND [ARGUMENTS…]
//	devpg -find DIR
//	devpg -remove DIR
//
// It starts the cluster in DIR, made on first use, runs the command with its
// address in DATABASE_URL and the folder of its programs in PGBIN, and stops the
// cluster when no other devpg uses it.
// Its exit status is the command's. With -find it only prints the folder of the
// PostgreSQL programs it would use, and fails if there are none; with -remove it
// deletes the cluster and its data. Package cluster has the details.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"syscall"

	"golang.org/x/sys/unix"

	"fieldgate/cmd/devpg/cluster"
)

func main() {
	status, err := run(os.Args[1:], os.Stderr)
	if err != nil {
		fmt.Fprintln(os.Stderr, "devpg:", err)
	}
	os.Exit(status)
}

// run does it all and returns the exit status: the command's own, or 1 if
// PostgreSQL or the command could not be started.
func run(args []string, stderr io.Writer) (status int, err error) {
	flags := flag.NewFlagSet("devpg", flag.ContinueOnError)
	flags.SetOutput(stderr)
	fast := flags.Bool("fast", false, "trade safety against crashes for speed; for tests")
	find := flags.Bool("find", false, "only print the folder of the PostgreSQL programs")
	remove := flags.Bool("remove", false, "only delete the cluster in DIR and its data")
	flags.Usage = func() {
		fmt.Fprintln(stderr, "Runs COMMAND with DATABASE_URL (and PGBIN) set to a private PostgreSQL kept in DIR.")
		fmt.Fprintln(stderr, "usage: devpg [-fast] DIR COMMAND [ARGUMENTS…]")
		fmt.Fprintln(stderr, "       devpg -find|-remove DIR")
		flags.PrintDefaults()
	}
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		return 0, nil
	} else if err != nil {
		return 2, nil // The flag set has said why.
	}
	dir, command := flags.Arg(0), flags.Args()[min(1, flags.NArg()):]
	switch alone := len(command) == 0; {
	case dir == "" || alone != (*find || *remove):
		flags.Usage()
		return 2, nil
	case *find:
		bin, err := cluster.Find(context.Background(), dir)
		if err != nil {
			return 1, err
		}
		fmt.Println(bin)
		return 0, nil
	case *remove:
		if err := cluster.Remove(context.Background(), dir); err != nil {
			return 1, err
		}
		return 0, nil
	}

	signals := make(chan os.Signal, 8)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	if !signal.Ignored(syscall.SIGHUP) { // as under nohup
		signal.Notify(signals, syscall.SIGHUP)
	}
	db, err := start(signals, cluster.Options{Dir: dir, Fast: *fast, Log: stderr})
	if err != nil {
		return 1, err
	}
	defer func() {
		if closeErr := db.Close(); closeErr != nil {
			status, err = max(status, 1), errors.Join(err, closeErr)
		}
	}()
	cmd := exec.Command(command[0], command[1:]...) //nolint:noctx // Signals end it.
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, stderr
	// PGBIN, so that a cluster which the command starts elsewhere finds programs
	// that lie beside this one: the tests of devpg start some.
	cmd.Env = append(os.Environ(), "DATABASE_URL="+db.URL(), "PGBIN="+db.Programs())
	return follow(cmd, signals)
}

// start starts the cluster unless a signal comes first.
func start(signals <-chan os.Signal, o cluster.Options) (*cluster.Cluster, error) {
	ctx, cancel := context.WithCancelCause(context.Background())
	started := make(chan struct{})
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		select {
		case s := <-signals:
			cancel(fmt.Errorf("stopped by a signal: %s", s))
		case <-started:
		}
	}()
	db, err := cluster.Start(ctx, o)
	close(started)
	<-watched
	if stopped := context.Cause(ctx); stopped != nil {
		if db != nil {
			err = db.Close()
		}
		return nil, errors.Join(stopped, err)
	}
	cancel(nil)
	return db, err
}

// follow runs the command to its end, hands signals on to it, and returns its
// exit status as a shell would give it.
func follow(cmd *exec.Cmd, signals <-chan os.Signal) (int, error) {
	if err := cmd.Start(); err != nil {
		return 1, fmt.Errorf("start the command: %w", err)
	}
	ended := make(chan struct{})
	defer close(ended)
	go func() {
		for {
			select {
			case s := <-signals:
				if s != os.Interrupt || !terminalInterrupts() {
					_ = cmd.Process.Signal(s) // It fails if the command has just ended.
				}
			case <-ended:
				return
			}
		}
	}()
	err := cmd.Wait()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		if ws, ok := exit.Sys().(syscall.WaitStatus); ok && ws.Signaled() {
			return 128 + int(ws.Signal()), nil
		}
		return exit.ExitCode(), nil
	}
	if err != nil {
		return 1, fmt.Errorf("wait for the command: %w", err)
	}
	return 0, nil
}

// terminalInterrupts tells whether ^C reaches the command without our help, as
// it does for everything in the terminal's foreground. A second interrupt might
// be read as impatience and cut a graceful stop short.
func terminalInterrupts() bool {
	tty, err := os.Open("/dev/tty")
	if err != nil {
		return false
	}
	defer tty.Close()
	group, err := unix.IoctlGetInt(int(tty.Fd()), unix.TIOCGPGRP)
	return err == nil && group == syscall.Getpgrp()
}
