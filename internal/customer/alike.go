package customer

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/postgres"
)

// Alike are customers who may be the one about to be added, the likeliest
// first. It is an error: New.Different says that it is another one.
type Alike []Likeness

// Likeness is a customer with something in common with what was typed.
type Likeness struct {
	Number, Name, CompanyName, City string
	By                              Likened
}

// Likened is what a Likeness has in common.
type Likened string

// The likenesses, the surest first.
const (
	ByEmail Likened = "email"
	ByPhone Likened = "phone"
	ByName  Likened = "name"
)

var likenesses = []Likened{ByEmail, ByPhone, ByName}

// Error is for logs and tests; the form shows the customers.
func (a Alike) Error() string {
	numbers := make([]string, 0, len(a))
	for _, l := range a {
		numbers = append(numbers, l.Number)
	}
	return "perhaps the same as " + strings.Join(numbers, ", ")
}

// ofLaw are words about what a company is in law, or that hold names together:
// Harbour Dental Pty Ltd is Harbour Dental.
var ofLaw = []string{"the", "and", "of", "pty", "ltd", "limited", "inc", "incorporated", "llc", "llp", "plc", "co", "company", "corp", "corporation", "gmbh", "ag", "kg", "bv", "nv", "sa", "sas", "sarl", "srl", "pte", "trust", "trustee", "ta"}

var (
	notInWords = regexp.MustCompile(`[^\pL\pN'’]+`)
	notDigits  = regexp.MustCompile(`[^0-9]`)
)

// telling are the words of a name that tell it from others.
func telling(name string) []string {
	words := strings.Fields(notInWords.ReplaceAllString(strings.ToLower(name), " "))
	left := slices.DeleteFunc(slices.Clone(words), func(w string) bool { return slices.Contains(ofLaw, w) })
	if len(left) == 0 {
		return words
	}
	return left
}

// sameName reports whether two names may be one: the same telling words, or one
// begins with all those of the other, which are at least two.
func sameName(one, other []string) bool {
	if len(one) > len(other) {
		one, other = other, one
	}
	return len(one) > 0 && slices.Equal(one, other[:len(one)]) && (len(one) == len(other) || len(one) > 1)
}

// fewestDigits is how long a telephone number is at least that two customers
// would hardly share.
const fewestDigits = 6

// mostAlike is how many customers are shown to choose from.
const mostAlike = 5

// findAlike finds those who have the name, the company's name, a telephone
// number or the email address of d, themselves or one of their contacts.
func findAlike(ctx context.Context, db postgres.DB, d Details) (Alike, error) {
	var ways []string
	args := pgx.NamedArgs{"by": likenesses}
	add := func(by Likened, arg, value, condition string) {
		if value != "" {
			args[arg] = value
			ways = append(ways, fmt.Sprintf(`(select c.id, '%s' as by from customers c where c.archived_at is null and %s limit 50)`, by, strings.ReplaceAll(condition, "@typed", "@"+arg)))
		}
	}
	const found = `c.search @@ search_query(@typed) and search_query(@typed) <> ''`
	add(ByEmail, "email", d.Email, found+` and (lower(c.email) = lower(@typed) or exists (select from contacts k where k.customer_id = c.id and lower(k.email) = lower(@typed) and k.archived_at is null))`)
	for i, phone := range []string{d.Phone, d.Mobile} {
		if digits := notDigits.ReplaceAllString(phone, ""); len(digits) >= fewestDigits {
			add(ByPhone, fmt.Sprintf("phone%d", i), phone, `c.search @@ phone_query(@typed)`)
		}
	}
	for i, name := range []string{d.Name, d.CompanyName} {
		words := telling(name)
		add(ByName, fmt.Sprintf("name%d", i), strings.Join(words[:min(2, len(words))], " "), found+" and search_vector(c.name, c.company_name) @@ search_query(@typed)")
	}
	if len(ways) == 0 {
		return nil, nil
	}
	args["typed_name"], args["typed_company"] = d.Name, d.CompanyName
	rows, err := db.Query(ctx, `
		select c.number, c.name, c.company_name, coalesce(c.street->>'city', '') as city, f.by,
			array[search_text(@typed_name), search_text(@typed_company)] as typed, array[search_text(c.name), search_text(c.company_name)] as called
		from (select distinct on (id) id, by from (`+strings.Join(ways, " union all ")+`) found order by id, array_position(@by::text[], by)) f
		join customers c on c.id = f.id
		order by array_position(@by::text[], f.by), c.name collate "und-x-icu", c.id`, args)
	if err != nil {
		return nil, fmt.Errorf("look for customers alike: %w", err)
	}
	type row struct {
		Likeness
		Typed, Called []string
	}
	alikes, err := pgx.CollectRows(rows, pgx.RowToStructByName[row])
	if err != nil {
		return nil, fmt.Errorf("look for customers alike: %w", err)
	}
	var alike Alike
	for _, r := range alikes {
		named := slices.ContainsFunc(r.Typed, func(typed string) bool {
			return slices.ContainsFunc(r.Called, func(called string) bool { return sameName(telling(typed), telling(called)) })
		})
		if (named || r.By != ByName) && len(alike) < mostAlike {
			alike = append(alike, r.Likeness)
		}
	}
	return alike, nil
}
