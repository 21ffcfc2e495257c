package dbtest

import (
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// Pooled is the address of a database by way of PgBouncer in a mode, which has so
// many connections of the server. The test is skipped where PgBouncer is not
// installed.
func Pooled(t testing.TB, address, mode string, connections int) string {
	t.Helper()
	program, err := exec.LookPath("pgbouncer")
	if err != nil {
		t.Skip("PgBouncer is not installed: apt-get install pgbouncer")
	}
	cfg, err := pgx.ParseConfig(address)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := l.Addr().(*net.TCPAddr).Port //nolint:forcetypeassert // it listens on TCP
	_ = l.Close()
	dir, err := os.MkdirTemp("", "pgbouncer") //nolint:usetesting // another user has to read it
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	users := write("users.txt", fmt.Sprintf("%q %q\n%q %q\n", owner, cfg.Password, serving, cfg.Password))
	config := fmt.Sprintf("[databases]\n%s = host=%s port=%d connect_query='set jit = off; set lock_timeout = 3000; set statement_timeout = 65000; set idle_in_transaction_session_timeout = 60000'\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = %d\nunix_socket_dir =\nauth_type = trust\nauth_file = %s\npool_mode = %s\ndefault_pool_size = %d\n",
		cfg.Database, cfg.Host, cfg.Port, port, users, mode, connections)
	if os.Getuid() == 0 {
		config += "user = " + nobody(t, cfg.Host) + "\n"
	}
	pooler := exec.Command(program, "-q", write("pgbouncer.ini", config))
	pooler.Stderr = os.Stderr
	if err := pooler.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = pooler.Process.Kill()
		_ = pooler.Wait()
	})
	at := net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
	for up := false; !up; time.Sleep(10 * time.Millisecond) {
		if t.Context().Err() != nil {
			t.Fatal("PgBouncer does not listen")
		}
		if c, err := net.Dial("tcp", at); err == nil {
			up = c.Close() == nil
		}
	}
	to := url.URL{Scheme: "postgres", User: url.UserPassword(cfg.User, cfg.Password), Host: at, Path: "/" + cfg.Database, RawQuery: "sslmode=disable"}
	return to.String()
}

// nobody is a user that is not root, and may use the server's socket if it has one.
func nobody(t testing.TB, host string) string {
	t.Helper()
	info, err := os.Stat(host)
	if err != nil {
		return "nobody"
	}
	of, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return "nobody"
	}
	u, err := user.LookupId(strconv.Itoa(int(of.Uid)))
	if err != nil {
		t.Fatal(err)
	}
	return u.Username
}
