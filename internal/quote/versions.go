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

const versionColumns = `v.id, v.number, v.name, v.description, v.inclusions, v.exclusions, v.terms, v.sent_at, coalesce(s.name, '') as sent_by, v.total, v.valid_until`

// QueryVersions adds the queries for the versions that were sent, the newest
// first, without their lines.
func QueryVersions(b *postgres.Batch, into *[]Version, quote int64) {
	var answers []Given
	queryAnswers(b, &answers, quote)
	b.Add(`
		select `+versionColumns+` from quote_versions v left join staff s on s.id = v.sent_by_id
		where v.quote_id = @quote and v.sent_at is not null order by v.number desc`, pgx.NamedArgs{"quote": quote}, func(rows pgx.Rows) (err error) {
		*into, err = pgx.CollectRows(rows, pgx.RowToStructByName[Version])
		for i, v := range *into {
			if at := slices.IndexFunc(answers, func(g Given) bool { return g.Version == v.Number }); at >= 0 {
				(*into)[i].Answer = &answers[at]
			}
		}
		return err
	})
}

// Versions is QueryVersions by itself.
func Versions(ctx context.Context, db postgres.DB, quote int64) (versions []Version, err error) {
	if err := postgres.Read(ctx, db, func(b *postgres.Batch) { QueryVersions(b, &versions, quote) }); err != nil {
		return nil, fmt.Errorf("read quote versions: %w", err)
	}
	return versions, nil
}

// FindVersion is a version that was sent, and the one sent before it, nil for
// the first, both with their lines. One that never was is apperr.NotFound. What more asks
// for is read together with it.
func FindVersion(ctx context.Context, db postgres.DB, quote int64, number int, more ...func(*postgres.Batch)) (v Version, before *Version, err error) {
	var (
		all    []Version
		pieces []struct {
			VersionID int64
			Line
		}
	)
	err = postgres.Read(ctx, db, func(b *postgres.Batch) {
		QueryVersions(b, &all, quote)
		postgres.Query(b, &pieces, `
			select l.version_id, `+lineColumns+` from quote_lines l
			where l.version_id in (select v.id from quote_versions v where v.quote_id = @quote and v.sent_at is not null and v.number <= @number::bigint order by v.number desc limit 2)
			order by l.version_id, l.position`, pgx.NamedArgs{"quote": quote, "number": number})
		for _, query := range more {
			query(b)
		}
	})
	if err != nil {
		return v, nil, fmt.Errorf("read quote versions: %w", err)
	}
	at := slices.IndexFunc(all, func(v Version) bool { return v.Number == number })
	if at < 0 {
		return v, nil, apperr.NotFound
	}
	for _, p := range pieces {
		for i := range all {
			if all[i].ID == p.VersionID {
				all[i].Lines = append(all[i].Lines, p.Line)
			}
		}
	}
	if at+1 < len(all) {
		before = &all[at+1]
	}
	return all[at], before, nil
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
	add(Field.Total.Label, f.Money(before.Total, currency), f.Money(v.Total, currency))
	add(Field.ValidUntil.Label, f.Day(before.ValidUntil), f.Day(v.ValidUntil))
	add(Field.Name.Label, before.Name, v.Name)
	add(Field.Description.Label, before.Description, v.Description)
	words := func(l Line) string {
		described := strings.TrimPrefix(l.Section+": ", ": ") + l.Description + ", "
		if _, percent, _ := l.Words(f, currency); l.Discount {
			return described + strings.TrimPrefix(percent+", ", ", ") + f.Money(l.Total(), currency)
		}
		return described + f.Quantity().Write(l.Quantity) + " × " + f.UnitPrice(l.UnitPrice, currency) + ", " + l.Rate().Words()
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
	add(Field.Inclusions.Label, before.Inclusions, v.Inclusions)
	add(Field.Exclusions.Label, before.Exclusions, v.Exclusions)
	add(Field.Terms.Label, before.Terms, v.Terms)
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
