// Package licences knows what of others the program consists of: Go modules, and
// what pages and documents take from npm. Its test writes the list and the texts,
// and says when they are no longer those of what is built.
package licences

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"runtime/debug"
	"strings"
)

// packed is licences.txt, a fifth as large.
//
//go:embed licences.txt.gz
var packed []byte

// Text is the list and every licence and notice that has to be carried.
func Text() (string, error) {
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return "", fmt.Errorf("read the licences: %w", err)
	}
	text, err := io.ReadAll(r)
	if err != nil {
		return "", fmt.Errorf("read the licences: %w", err)
	}
	return string(text), nil
}

//go:embed components.json
var components []byte

// Component is a module of Go or a package of npm.
type Component struct {
	Kind    string `json:"kind"` // golang or npm, as in a package URL
	Name    string `json:"name"`
	Version string `json:"version"` // of npm; a program knows those of its Go modules itself
	Licence string `json:"licence"` // an SPDX expression
	Sum     string `json:"sum,omitempty"`
}

// Components lists them all, the Go modules first.
func Components() ([]Component, error) {
	var all []Component
	if err := json.Unmarshal(components, &all); err != nil {
		return nil, fmt.Errorf("read components: %w", err)
	}
	return all, nil
}

// BOM is the bill of materials of a program, as CycloneDX 1.6 in JSON. It has no
// time and no number of its own: the same program has the same one.
func BOM(build *debug.BuildInfo, version string) ([]byte, error) {
	all, err := Components()
	if err != nil {
		return nil, err
	}
	licence := map[string]string{}
	for _, c := range all {
		licence[c.Kind+" "+c.Name] = c.Licence
	}
	parts := []Component{{Kind: "golang", Name: "std", Version: strings.TrimPrefix(build.GoVersion, "go")}}
	for _, m := range build.Deps {
		if m.Replace != nil {
			m = m.Replace
		}
		if strings.HasPrefix(m.Path, "./") { // our own, by another's name
			continue
		}
		parts = append(parts, Component{Kind: "golang", Name: m.Path, Version: m.Version, Sum: m.Sum})
	}
	for _, c := range all {
		if c.Kind == "npm" {
			parts = append(parts, c)
		}
	}
	bom := document{Format: "CycloneDX", Spec: "1.6", Version: 1}
	bom.Metadata.Component = part{Type: "application", Ref: "fieldgate", Name: "fieldgate", Version: version}
	for _, c := range parts {
		if c.Licence = licence[c.Kind+" "+c.Name]; c.Licence == "" {
			return nil, fmt.Errorf("no licence is listed of %s: run the tests of internal/licences with -update", c.Name)
		}
		p, err := c.part()
		if err != nil {
			return nil, err
		}
		bom.Parts = append(bom.Parts, p)
	}
	out, err := json.MarshalIndent(bom, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("write bill of materials: %w", err)
	}
	return append(out, '\n'), nil
}

// The part of https://cyclonedx.org/docs/1.6/json/ that says what is inside.
type document struct {
	Format   string `json:"bomFormat"`
	Spec     string `json:"specVersion"`
	Version  int    `json:"version"`
	Metadata struct {
		Component part `json:"component"`
	} `json:"metadata"`
	Parts []part `json:"components"`
}

type part struct {
	Type     string    `json:"type"`
	Ref      string    `json:"bom-ref"`
	Name     string    `json:"name"`
	Version  string    `json:"version"`
	URL      string    `json:"purl,omitempty"`
	Licences []licence `json:"licenses,omitempty"`
	Hashes   []hash    `json:"hashes,omitempty"`
}

type licence struct {
	Expression string `json:"expression"`
}

type hash struct {
	Algorithm string `json:"alg"`
	Content   string `json:"content"`
}

func (c Component) part() (part, error) {
	url := "pkg:" + c.Kind + "/" + strings.Replace(c.Name, "@", "%40", 1) + "@" + c.Version
	p := part{Type: "library", Ref: url, Name: c.Name, Version: c.Version, URL: url, Licences: []licence{{c.Licence}}}
	for prefix, algorithm := range map[string]string{"h1:": "SHA-256", "sha512-": "SHA-512"} {
		sum, ok := strings.CutPrefix(c.Sum, prefix)
		if !ok {
			continue
		}
		raw, err := base64.StdEncoding.DecodeString(sum)
		if err != nil {
			return part{}, fmt.Errorf("sum of %s: %w", c.Name, err)
		}
		p.Hashes = []hash{{algorithm, hex.EncodeToString(raw)}}
	}
	return p, nil
}
