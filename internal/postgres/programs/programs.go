// Package programs finds those that PostgreSQL installs.
package programs

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Folders are the folders that hold a program of that name, each once: where
// systems put PostgreSQL, then those of more (patterns of folders), then that of
// the path.
func Folders(name string, more ...string) []string {
	var found []string
	for _, pattern := range append([]string{
		"/usr/lib/postgresql/*/bin",                          // Debian, Ubuntu
		"/usr/pgsql-*/bin",                                   // Red Hat's, from postgresql.org
		"/usr/libexec/postgresql*",                           // Alpine
		"/opt/homebrew/opt/postgresql@*/bin",                 // Homebrew
		"/usr/local/opt/postgresql@*/bin",                    // Homebrew on Intel
		"/opt/homebrew/opt/libpq/bin",                        // the clients alone
		"/Applications/Postgres.app/Contents/Versions/*/bin", // Postgres.app
	}, more...) {
		matches, _ := filepath.Glob(filepath.Join(pattern, name)) // The only error is a bad pattern.
		found = append(found, matches...)
	}
	if path, err := exec.LookPath(name); err == nil {
		found = append(found, path)
	}
	var folders []string
	for _, path := range found {
		// Debian's /usr/bin/pg_dump is a link to a script that chooses a version by itself.
		if real, err := filepath.EvalSymlinks(path); err == nil && filepath.Base(real) == name && !slices.Contains(folders, filepath.Dir(real)) {
			folders = append(folders, filepath.Dir(real))
		}
	}
	return folders
}

var versionPattern = regexp.MustCompile(`\(PostgreSQL\) (\d+)`)

// Major reads the major version from what a program says when asked for its version.
func Major(said []byte) (int, error) {
	version := versionPattern.FindSubmatch(said)
	if version == nil {
		return 0, fmt.Errorf("it names no version: %q", said)
	}
	return strconv.Atoi(string(version[1]))
}

// Client finds the oldest client program of that name that is of the major
// version or newer: older ones refuse a newer server, newer ones write what an
// older server does not understand. The variable PGBIN names a folder to look
// in instead.
func Client(ctx context.Context, name string, major int) (path string, err error) {
	folders := Folders(name)
	if named := os.Getenv("PGBIN"); named != "" {
		folders = []string{named}
	}
	best, seen := 0, []string{}
	for _, folder := range folders {
		said, err := exec.CommandContext(ctx, filepath.Join(folder, name), "--version").Output()
		if err != nil {
			continue
		}
		m, err := Major(said)
		if err != nil {
			continue
		}
		seen = append(seen, strconv.Itoa(m))
		if m >= major && (best == 0 || m < best) {
			best, path = m, filepath.Join(folder, name)
		}
	}
	switch {
	case best > 0:
		return path, nil
	case len(seen) > 0:
		return "", fmt.Errorf("PostgreSQL's program %s is needed in version %d or later; found: %s. Install postgresql-client-%d, or name the folder of a newer one in PGBIN", name, major, strings.Join(seen, ", "), major)
	default:
		return "", fmt.Errorf("PostgreSQL's program %s is not installed here. Install postgresql-client-%d (Debian, Ubuntu) or the like, or name its folder in PGBIN", name, major)
	}
}
