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

// The image holds what make build builds, bit for bit: no path of the machine,
// nothing of its C compiler or libraries, and the bill of materials with it.
func TestImageAndMakeBuildAlike(t *testing.T) {
	t.Parallel()
	recipes := map[string]string{}
	for _, file := range []string{"Makefile", "Dockerfile"} {
		text, err := os.ReadFile("../../" + file)
		if err != nil {
			t.Fatal(err)
		}
		recipes[file] = string(text)
	}
	for what, wanted := range map[string]string{
		"C":        `CGO_ENABLED *:?= *0`,
		"tags":     `go build .*-tags[ =]nodynamic,nodemo`,
		"size":     `'?-gcflags='?fieldgate/templates/\.\.\.=-l'`,
		"paths":    `-trimpath`,
		"symbols":  `go build .*-ldflags "-s -w"`,
		"contents": `fieldgate sbom > \S*fieldgate\.cdx\.json`,
	} {
		for file, text := range recipes {
			if !regexp.MustCompile(wanted).MatchString(text) {
				t.Errorf("%s, %s: nothing there is like %s", file, what, wanted)
			}
		}
	}
}
