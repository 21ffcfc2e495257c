package main

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

func TestVersionIsNamed(t *testing.T) {
	t.Parallel()
	if !strings.HasPrefix(versionLine(), "fieldgate "+version) {
		t.Error(versionLine())
	}
	changes, err := os.ReadFile("../../CHANGELOG.md")
	if err != nil {
		t.Fatal(err)
	}
	newest := regexp.MustCompile(`(?m)^## (\d+\.\d+\.\d+)`).FindSubmatch(changes)
	if newest == nil || string(newest[1]) != version {
		t.Errorf("CHANGELOG.md begins with version %q, the program is %s", newest, version)
	}
}
