package main

import (
	"context"
	"errors"
	"fmt"
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
	line, commit := revision()
	if commit == "" {
		return "fieldgate " + version
	}
	return "fieldgate " + version + " (commit " + line + ")"
}

// revision is what the build knows of its commit, in words and as short as git
// has it; "" when it knows nothing.
func revision() (words, commit string) {
	build, ok := debug.ReadBuildInfo()
	if !ok {
		return "", ""
	}
	var day, changed string
	for _, s := range build.Settings {
		switch s.Key {
		case "vcs.revision":
			commit = s.Value[:min(len(s.Value), 12)]
		case "vcs.time":
			day, _, _ = strings.Cut(s.Value, "T")
		case "vcs.modified":
			if s.Value == "true" {
				changed = ", with changes"
			}
		}
	}
	return commit + " of " + day + changed, commit
}

func printLicences(context.Context, []string) error {
	text, err := licences.Text()
	if err == nil {
		fmt.Print(text)
	}
	return err
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
