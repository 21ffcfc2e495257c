package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"fieldgate/cmd/devpg/cluster"
)

// TestMain lets the test's own program be devpg, for tests that kill it.
func TestMain(m *testing.M) {
	if os.Getenv("BE_DEVPG") != "" {
		os.Unsetenv("BE_DEVPG")
		main()
	}
	os.Exit(m.Run())
}

// devpg prepares a run of devpg on a cluster that ends with the test.
func devpg(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], args...)
	cmd.Env = append(os.Environ(), "BE_DEVPG=1")
	return cmd
}

// folder is for one cluster, and nothing of it outlives the test.
func folder(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if _, err := cluster.Find(t.Context(), dir); errors.Is(err, cluster.ErrNoPrograms) && os.Getenv("DATABASE_URL") != "" {
		t.Skip("no PostgreSQL is installed here: the other tests use the one that DATABASE_URL names")
	}
	t.Cleanup(func() {
		if err := cluster.Remove(context.WithoutCancel(t.Context()), dir); err != nil {
			t.Error(err)
		}
	})
	return dir
}

func TestExitStatus(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	for _, c := range []struct {
		name    string
		command []string
		want    int
		says    string
	}{
		{"the command's own", []string{"sh", "-c", "exit 7"}, 7, ""},
		{"a command that a signal ended", []string{"sh", "-c", "kill -9 $$"}, 128 + 9, ""},
		{"success with a database", []string{"sh", "-c", `case "$DATABASE_URL" in postgres://*) exit 0;; esac; exit 1`}, 0, ""},
		{"success with its programs", []string{"sh", "-c", `"$PGBIN/postgres" --version`}, 0, ""},
		{"no such command", []string{"no-such-command"}, 1, "no-such-command"},
		{"no command", nil, 2, "usage: devpg"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			cmd := devpg(t, append([]string{"-fast", dir}, c.command...)...)
			out, _ := cmd.CombinedOutput()
			if got := cmd.ProcessState.ExitCode(); got != c.want || !strings.Contains(string(out), c.says) {
				t.Errorf("exit status %d, want %d, saying %q:\n%s", got, c.want, c.says, out)
			}
		})
	}
}

func TestSignalsReachTheCommand(t *testing.T) {
	t.Parallel()
	for _, s := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP} {
		t.Run(s.String(), func(t *testing.T) {
			t.Parallel()
			// Not read: a signal just before it begins would wait for a line that never comes.
			cmd := devpg(t, "-fast", folder(t), "sh", "-c", `trap "echo graceful; exit 3" TERM INT HUP; echo up; while :; do sleep 0.05; done`)
			cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} // no terminal that would send ^C itself
			out := begin(t, cmd)
			if err := cmd.Process.Signal(s); err != nil {
				t.Fatal(err)
			}
			rest, _ := io.ReadAll(out)
			_ = cmd.Wait()
			if got := cmd.ProcessState.ExitCode(); got != 3 || !bytes.Contains(rest, []byte("graceful")) {
				t.Errorf("exit status %d, output %q", got, rest)
			}
		})
	}
}

// A devpg that is killed cannot stop its server. The next one takes it over.
func TestKilled(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	killed := devpg(t, "-fast", dir, "sh", "-c", "echo up; read line")
	begin(t, killed)
	if err := killed.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = killed.Wait()

	out, err := devpg(t, "-fast", dir, "echo", "at hand").CombinedOutput()
	if got := string(out); err != nil || got != "at hand\n" {
		t.Errorf("the next devpg: %v\n%s", err, got)
	}
}

// begin starts a command and returns its output after the line "up".
func begin(t *testing.T, cmd *exec.Cmd) io.Reader {
	t.Helper()
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe() // kept open: the command waits at it
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stdin.Close() })
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	out := bufio.NewReader(stdout)
	if line, err := out.ReadString('\n'); err != nil || line != "up\n" {
		t.Fatalf("the command did not start: %q, %v", line, err)
	}
	return out
}
