package quote

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/company"
	"fieldgate/internal/day"
	"fieldgate/internal/postgres"
)

// Version is a version that was sent. Its words and lines never change again.
type Version struct {
	ID          int64
	Number      int
	Name        string
	Description string
	Inclusions  string
	Exclusions  string
	Terms       string
	SentAt      time.Time
	SentBy      string
	Total       int64
	ValidUntil  day.Day
	Lines       []Line `db:"-"` // of FindVersion only
	Answer      *Given `db:"-"` // nil as long as the customer has not answered
}

const versionColumns = `v.id, v.number, v.name, v.description, v.inclusions, v.exclusions, v.terms, v.sent_at, s.name as sent_by, v.total, v.valid_until`

// Versions are the versions that were sent, the newest first, without their lines.
func Versions(ctx context.Context, db postgres.DB, quote int64) ([]Version, error) {
	rows, err := db.Query(ctx, `
		select `+versionColumns+` from quote_versions v join staff s on s.id = v.sent_by_id
		where v.quote_id = $1 and v.sent_at is not null order by v.number desc`, quote)
	if err != nil {
		return nil, fmt.Errorf("read quote versions: %w", err)
	}
	versions, err := pgx.CollectRows(rows, pgx.RowToStructByName[Version])
	if err != nil {
		return nil, fmt.Errorf("read quote versions: %w", err)
	}
	answers, err := answers(ctx, db, quote)
	if err != nil {
		return nil, err
	}
	for i, v := range versions {
		if at := slices.IndexFunc(answers, func(g Given) bool { return g.Version == v.Number }); at >= 0 {
			versions[i].Answer = &answers[at]
		}
	}
	return versions, nil
}

// FindVersion is a version that was sent, and the one sent before it, nil for
// the first, both with their lines. One that never was is apperr.NotFound.
func FindVersion(ctx context.Context, db postgres.DB, quote int64, number int) (v Version, before *Version, err error) {
	all, err := Versions(ctx, db, quote)
	if err != nil {
		return v, nil, err
	}
	at := slices.IndexFunc(all, func(v Version) bool { return v.Number == number })
	if at < 0 {
		return v, nil, apperr.NotFound
	}
	for i := at; i < len(all) && i <= at+1; i++ {
		if all[i].Lines, err = linesOf(ctx, db, all[i].ID); err != nil {
			return v, nil, err
		}
	}
	if at+1 < len(all) {
		before = &all[at+1]
	}
	return all[at], before, nil
}

func linesOf(ctx context.Context, db postgres.DB, version int64) ([]Line, error) {
	rows, err := db.Query(ctx, `select section, description, quantity, unit_price, tax_name, tax_percent from quote_lines where version_id = $1 order by position`, version)
	if err != nil {
		return nil, fmt.Errorf("read quote lines: %w", err)
	}
	lines, err := pgx.CollectRows(rows, pgx.RowToStructByName[Line])
	if err != nil {
		return nil, fmt.Errorf("read quote lines: %w", err)
	}
	return lines, nil
}

// Difference is one thing that a version has other than the one before: a
// Before alone was taken out, an After alone was added.
type Difference struct {
	Label         string
	Before, After string
}

// Changed lists what v has other than the version before it. Lines that stayed
// as they were are left out, even where they moved.
func (v Version) Changed(before Version, f company.Format, currency string) []Difference {
	var all []Difference
	add := func(label, b, a string) {
		if b != a {
			all = append(all, Difference{label, b, a})
		}
	}
	add("Total with tax", f.Money(before.Total, currency), f.Money(v.Total, currency))
	add("Valid until", f.Day(before.ValidUntil), f.Day(v.ValidUntil))
	add("Name", before.Name, v.Name)
	add("Description", before.Description, v.Description)
	words := func(l Line) string {
		return strings.TrimPrefix(l.Section+": ", ": ") + l.Description + ", " + l.Quantity.String() + " × " + f.Money(l.UnitPrice, currency) + ", " + strings.TrimSpace(l.TaxName+" "+l.TaxPercent.String()) + "%"
	}
	old, now := without(before.Lines, v.Lines, words), without(v.Lines, before.Lines, words)
	for _, o := range old {
		// What is described in the same words is the same line at another price.
		i := slices.IndexFunc(now, func(n Line) bool { return n.Section == o.Section && n.Description == o.Description })
		if i < 0 {
			add("Line taken out", words(o), "")
			continue
		}
		add("Line changed", words(o), words(now[i]))
		now = slices.Delete(now, i, i+1)
	}
	for _, n := range now {
		add("Line added", "", words(n))
	}
	add("Inclusions", before.Inclusions, v.Inclusions)
	add("Exclusions", before.Exclusions, v.Exclusions)
	add("Terms and conditions", before.Terms, v.Terms)
	return all
}

// without is what is left of all when each of the others takes away one that is
// the same in words.
func without(all, others []Line, words func(Line) string) []Line {
	counts := map[string]int{}
	for _, o := range others {
		counts[words(o)]++
	}
	var left []Line
	for _, a := range all {
		if counts[words(a)] > 0 {
			counts[words(a)]--
			continue
		}
		left = append(left, a)
	}
	return left
}
