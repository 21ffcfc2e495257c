package portal

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/address"
	"fieldgate/internal/postgres"
)

// mostOffered is how many sites a form or a filter offers at once. A customer
// may have hundreds: nobody chooses among those by looking through them.
const mostOffered = 50

// Place is a site to choose from.
type Place struct {
	ID       int64
	Name     string
	Address  address.Address
	Archived bool
}

// Places are the sites in use that a form offers, by name, and the one that is
// chosen already (Reader.Offer). Where there are Many, the form asks for the
// name of one instead (Reader.PlacesCalled), and only the chosen one is Offered.
type Places struct {
	Offered []Place
	Many    bool
}

// Has reports whether the site is offered.
func (p Places) Has(site int64) bool {
	return slices.ContainsFunc(p.Offered, func(o Place) bool { return o.ID == site })
}

const (
	selectPlaces = `select s.id, s.name, s.address, s.archived from portal.sites s`
	byName       = ` order by s.name collate "und-x-icu", s.id`
)

// queryAllPlaces asks for every site, archived ones, too.
func queryAllPlaces(b *postgres.Batch, into *[]Place) {
	postgres.Query(b, into, selectPlaces+byName, nil)
}

// queryPlaces asks for the sites that a form offers.
func queryPlaces(b *postgres.Batch, into *Places) {
	queryFew(b, selectPlaces+` where not s.archived`+byName, &into.Offered, &into.Many)
}

// queryFew asks for what is offered to choose from; for nothing where it is many.
func queryFew[T any](b *postgres.Batch, sql string, into *[]T, many *bool) {
	b.Add(sql+` limit `+strconv.Itoa(mostOffered+1), nil, func(rows pgx.Rows) (err error) {
		*into, err = pgx.CollectRows(rows, pgx.RowToStructByName[T])
		if *many = len(*into) > mostOffered; *many {
			*into = nil
		}
		return err
	})
}

// queryPlace asks for one of them.
func queryPlace(b *postgres.Batch, into *[]Place, site int64) {
	postgres.Query(b, into, selectPlaces+` where s.id = @site`, pgx.NamedArgs{"site": site})
}

// Offer adds a site to those offered, unless it is among them or the viewer
// does not see it; 0 is none. What is on record may be at an archived one.
func (r *Reader) Offer(ctx context.Context, v Viewer, into *Places, site int64) error {
	if site == 0 || into.Has(site) {
		return nil
	}
	var chosen []Place
	err := r.readOne(ctx, v, func(b *postgres.Batch) { queryPlace(b, &chosen, site) })
	into.Offered = append(into.Offered, chosen...)
	return err
}

// PlacesCalled are the sites in use that somebody can mean by what was typed, at
// most so many: the one of that name first, then those in whose name and address
// all its words are, by name. Meant is the one of that name, or the only one; 0 when
// it may be any of several, or none.
func (r *Reader) PlacesCalled(ctx context.Context, v Viewer, typed string, most int) (fit []Place, meant int64, err error) {
	err = r.readOne(ctx, v, func(b *postgres.Batch) {
		postgres.Query(b, &fit, selectPlaces+`
			where not s.archived
				and (lower(s.name) = lower(@typed) or search_query(@typed) <> '' and s.search @@ search_query(@typed))
			order by lower(s.name) = lower(@typed) desc, s.name collate "und-x-icu", s.id limit @most`,
			pgx.NamedArgs{"typed": typed, "most": most})
	})
	if len(fit) == 1 || len(fit) > 1 && strings.EqualFold(fit[0].Name, typed) {
		meant = fit[0].ID
	}
	return fit, meant, err
}

// SiteChoices are the sites that a list can be narrowed to, by name. Where there
// are Many, most readers of the list choose none of them: they are then asked for
// by whoever wants to, and only the one that is chosen stands here.
type SiteChoices struct {
	Offered []Choice
	Many    bool
}

// querySiteChoices asks for the sites to choose from: every one of them, or the
// few there are and the one chosen.
func querySiteChoices(b *postgres.Batch, into *SiteChoices, chosen int64, every bool) {
	const columns = `select s.id, s.name from portal.sites s`
	if every {
		postgres.Query(b, &into.Offered, columns+byName, nil)
		return
	}
	queryFew(b, columns+byName, &into.Offered, &into.Many)
	if chosen == 0 {
		return
	}
	b.Add(columns+` where s.id = @site`, pgx.NamedArgs{"site": chosen}, func(rows pgx.Rows) error {
		this, err := pgx.CollectRows(rows, pgx.RowToStructByName[Choice])
		if into.Many {
			into.Offered = this
		}
		return err
	})
}
