package main

import (
	"context"
	"flag"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"fieldgate/internal/dbtest"
)

var proxies = flag.Bool("proxies", false, "try the proxies of docs/proxies, with two copies that are replaced under load")

// TestProxies: each proxy that is installed, set up as docs/proxies says,
// loses nothing while two copies are started anew and then replaced by the next version.
func TestProxies(t *testing.T) {
	if !*proxies {
		t.Skip("make proxies runs it")
	}
	for _, proxy := range []struct {
		name, file string
		changes    []string // of the file, so that it runs here
		around     string
		args       []string
	}{
		{"nginx", "nginx.conf", []string{
			`listen 80;`, `listen unix:DIR/redirect.sock;`, `listen 443 ssl http2;`, `listen ADDRESS;`, `ssl_certificate.*`, ``, `\$host;`, `$$http_host;`,
		}, "daemon off; master_process off; pid DIR/pid; error_log stderr crit; events {} http { access_log off; client_body_temp_path DIR/body; proxy_temp_path DIR/proxy; fastcgi_temp_path DIR/f; uwsgi_temp_path DIR/u; scgi_temp_path DIR/s;\nFILE }", []string{"-p", "DIR", "-e", "stderr", "-c"}},
		{"haproxy", "haproxy.cfg", []string{`bind :80`, `bind ADDRESS`, `.*bind :443.*`, ``, `.*redirect scheme.*`, ``}, "FILE", []string{"-q", "-f"}},
		{"caddy", "Caddyfile", []string{`portal.example.com`, `http://ADDRESS`}, "{\n\tadmin off\n\tlog {\n\t\tlevel ERROR\n\t}\n}\nFILE", []string{"run", "--adapter", "caddyfile", "--config"}},
	} {
		t.Run(proxy.name, func(t *testing.T) {
			program, err := exec.LookPath(proxy.name)
			if err != nil {
				t.Skip("it is not installed")
			}
			address, dir := freeAddress(t), t.TempDir()
			f := newFleet(t, dbtest.OwnerURL(t, dbtest.URL(t)), 2, "http://"+address, "FIELDGATE_DRAIN=5s", "FIELDGATE_TRUSTED_PROXIES=127.0.0.1")
			fillBusiness(t, f.pool)
			text, err := os.ReadFile(filepath.Join("../../docs/proxies", "copies."+proxy.file))
			if err != nil {
				t.Fatal(err)
			}
			setup := string(text)
			for i := 0; i < len(proxy.changes); i += 2 {
				setup = regexp.MustCompile(proxy.changes[i]).ReplaceAllString(setup, proxy.changes[i+1])
			}
			here := strings.NewReplacer("ADDRESS", address, "DIR", dir, "127.0.0.1:8080", strings.TrimPrefix(f.copies[0].base, "http://"), "127.0.0.1:8081", strings.TrimPrefix(f.copies[1].base, "http://"))
			file := filepath.Join(dir, proxy.file)
			if err := os.WriteFile(file, []byte(here.Replace(strings.Replace(proxy.around, "FILE", setup, 1))), 0o600); err != nil {
				t.Fatal(err)
			}
			for _, c := range f.copies {
				f.start(c, "this")
			}
			for _, c := range f.copies {
				f.ready(c)
			}
			var args []string
			for _, a := range proxy.args {
				args = append(args, here.Replace(a))
			}
			running := exec.Command(program, append(args, file)...)
			running.Stderr = os.Stderr
			if err := running.Start(); err != nil {
				t.Fatal(err)
			}
			defer func() { _ = running.Process.Kill(); _ = running.Wait() }()
			for up := false; !up; time.Sleep(20 * time.Millisecond) {
				if c, err := net.Dial("tcp", address); err == nil {
					up = c.Close() == nil
				}
			}
			if !isReady("http://" + address) {
				time.Sleep(3 * time.Second) // it has asked both
			}
			working, rest := context.WithCancel(t.Context())
			l := &load{f: f, base: "http://" + address}
			wait := l.begin(working, 4)
			for _, version := range []string{"this", "next"} {
				before := l.sent.Load()
				for _, c := range f.copies {
					f.end(c)
					f.start(c, version)
					f.ready(c)
					time.Sleep(3 * time.Second) // as an operator does, until the proxy knows
				}
				t.Logf("%s: %d requests", version, l.sent.Load()-before)
			}
			rest()
			wait()
			if len(l.wrong) > 0 {
				t.Errorf("of %d requests %d failed: %.2000q", l.sent.Load(), len(l.wrong), l.wrong)
			}
		})
	}
}
