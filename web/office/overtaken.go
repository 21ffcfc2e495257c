// Package officeweb answers for the screens of the office, one file a noun.
package officeweb

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"fieldgate/internal/address"
	"fieldgate/internal/audit"
	"fieldgate/internal/company"
	"fieldgate/internal/postgres"
	officeview "fieldgate/templates/office"
)

// labelled names a field of the audit trail as the form does.
type labelled struct{ Field, Label string }

// meanwhile tells what has changed on a thing since the version a form was
// opened with. Only fields with a label are told, in the labels' order.
func meanwhile(ctx context.Context, db postgres.DB, f company.Format, thing string, id, version int64, labels []labelled) (officeview.Meanwhile, error) {
	changes, err := audit.Since(ctx, db, thing, id, version)
	if err != nil {
		return officeview.Meanwhile{}, err
	}
	m := officeview.Meanwhile{Happened: true}
	var latest audit.Change
	for _, c := range changes {
		if c.At.After(latest.At) {
			latest = c
		}
	}
	m.By = latest.By
	if !latest.At.IsZero() {
		m.At = f.Clock(latest.At)
	}
	for _, l := range labels {
		i := slices.IndexFunc(changes, func(c audit.Change) bool { return c.Field == l.Field })
		if i >= 0 {
			m.Changes = append(m.Changes, officeview.MeanwhileChange{Label: l.Label, Before: plainWords(changes[i].Before), After: plainWords(changes[i].After)})
		}
	}
	return m, nil
}

// plainWords writes a value of the audit trail as people read it.
func plainWords(raw json.RawMessage) string {
	var v any
	if err := json.Unmarshal(raw, &v); err != nil {
		return ""
	}
	switch v := v.(type) {
	case string:
		return v
	case bool:
		if v {
			return "yes"
		}
		return "no"
	case []any:
		words := make([]string, 0, len(v))
		for _, e := range v {
			if s, ok := e.(string); ok {
				words = append(words, s)
			}
		}
		if len(words) < len(v) {
			return "another choice"
		}
		return strings.Join(words, ", ")
	case map[string]any:
		var a address.Address
		if err := json.Unmarshal(raw, &a); err == nil {
			return a.String()
		}
	case float64:
		return strings.TrimSpace(string(raw))
	}
	return ""
}
