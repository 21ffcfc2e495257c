package api_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"fieldgate/web/api"
	"fieldgate/web/apptest"
)

// TestAGeneratedClientWorks makes a client of the specification, as programs of
// others would, and runs tools/client with it.
func TestAGeneratedClientWorks(t *testing.T) {
	t.Parallel()
	s := newSystem(t, apptest.New(t), nil)
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Join("..", "..", "tools", "client"))); err != nil {
		t.Fatal(err)
	}
	spec, err := api.New(api.Parts{}).OpenAPI().Downgrade() // generators know OpenAPI 3.0
	if err != nil || !json.Valid(spec) {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "openapi.json"), spec, 0o600); err != nil {
		t.Fatal(err)
	}
	run := func(args ...string) string {
		t.Helper()
		c := exec.CommandContext(t.Context(), "go", args...)
		c.Dir = dir
		c.Env = append(os.Environ(), "GOFLAGS=", "GOWORK=off", "FIELDGATE_URL="+s.app.URL, "FIELDGATE_TOKEN="+s.secret)
		var complaints strings.Builder // among them what go says of modules it fetches
		c.Stderr = &complaints
		out, err := c.Output()
		if err != nil {
			t.Fatalf("go %s: %v\n%s%s", strings.Join(args, " "), err, out, complaints.String())
		}
		return string(out)
	}
	run("tool", "oapi-codegen", "-config", "config.yaml", "openapi.json")
	if got := run("run", "."); got != "Job 0, Job 1, Job 2\n" {
		t.Error(got)
	}
}
