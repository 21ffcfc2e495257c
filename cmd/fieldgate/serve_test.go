package main

import (
	"bytes"
	"net"
	"net/http"
	"os"
	"os/exec"
	"testing"
	"time"

	"fieldgate/internal/dbtest"
)

// TestDatabaseAwayAtTheStart: the program answers at once, says that it starts,
// and serves when the database comes, without being started again.
func TestDatabaseAwayAtTheStart(t *testing.T) {
	t.Parallel()
	line := dbtest.Hanging(t)
	line.Hang(true)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	_ = l.Close()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "serve")
	var out bytes.Buffer
	cmd.Stderr = &out
	cmd.Env = append(os.Environ(), "FIELDGATE_TEST_MAIN=1", "DATABASE_URL="+line.URL, "FIELDGATE_STORAGE=file://"+t.TempDir(), "FIELDGATE_LISTEN="+address, "FIELDGATE_BASE_URL=http://"+address,
		"FIELDGATE_SECRET_KEY=the secret key of the tests is no secret", "FIELDGATE_SMTP_URL=smtp://127.0.0.1:1", "FIELDGATE_MAIL_FROM=a@example.com")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = cmd.Process.Signal(os.Interrupt)
		if err := cmd.Wait(); err != nil {
			t.Errorf("%v\n%s", err, out.String())
		}
	}()
	answer := func(path string, want int) http.Header {
		t.Helper()
		got := 0
		for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
			r, err := http.Get("http://" + address + path)
			if err != nil {
				continue
			}
			_ = r.Body.Close()
			if got = r.StatusCode; got == want {
				return r.Header
			}
		}
		t.Fatalf("%s answers %d, not %d", path, got, want)
		return nil
	}
	answer("/healthz", http.StatusOK)
	answer("/readyz", http.StatusServiceUnavailable)
	for _, path := range []string{"/login", "/office", "/nowhere"} {
		if answer(path, http.StatusServiceUnavailable).Get("Retry-After") == "" {
			t.Errorf("%s does not say when to come again", path)
		}
	}
	line.Hang(false)
	answer("/readyz", http.StatusOK)
	answer("/login", http.StatusOK)
}
