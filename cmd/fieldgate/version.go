package main

import (
	"context"
	"errors"
	"os"
	"runtime/debug"
	"strings"

	"fieldgate/internal/licences"
)

// version is the release that this program is, or will be. CHANGELOG.md begins
// with the same one.
const version = "0.5.0"

// versionLine is the version and, where the build knows it, the commit.
func versionLine() string {
	build, ok := debug.ReadBuildInfo()
	if !ok {
		return "fieldgate " + version
	}
	var commit, day, changed string
	for _, s := range build.Settings {
		switch s.Key {
		case "vcs.revision":
			commit = s.Value
		case "vcs.time":
			day, _, _ = strings.Cut(s.Value, "T")
		case "vcs.modified":
			if s.Value == "true" {
				changed = ", with changes"
			}
		}
	}
	if commit == "" {
		return "fieldgate " + version
	}
	return "fieldgate " + version + " (commit " + commit[:min(len(commit), 12)] + " of " + day + changed + ")"
}

func printBOM(context.Context, []string) error {
	build, ok := debug.ReadBuildInfo()
	if !ok {
		return errors.New("the program does not know what it was built of: build it with Go modules")
	}
	bom, err := licences.BOM(build, version)
	if err != nil {
		return err
	}
	_, err = os.Stdout.Write(bom)
	return err
}
