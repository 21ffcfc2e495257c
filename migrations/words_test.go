package migrations_test

import (
	"context"
	"strings"
	"testing"

	"fieldgate/internal/dbtest"
)

// TestWordsArePlannedOnce: what is done to the text of each row that is written is
// part of the statement that writes it, or planned once on a connection; and it
// comes to what it came to before.
func TestWordsArePlannedOnce(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db := dbtest.New(t)
	var planned []string
	err := db.QueryRow(ctx, `
		select coalesce(array_agg(p.proname::text order by 1), '{}') from pg_proc p join pg_language l on l.oid = p.prolang
		where p.proname in ('search_letters', 'code_text', 'own_words') and l.lanname = 'sql' and (p.proconfig is not null or pg_get_functiondef(p.oid) ~* '\(\s*select')`).Scan(&planned)
	if err != nil || len(planned) > 0 {
		t.Errorf("%v are planned in each transaction, %v", planned, err)
	}
	for sql, want := range map[string]string{
		`search_letters('Ｆａｎ & Duct ÄÖ')`:                    "fan and duct äö",
		`code_text('PO4711')`:                                "–",
		`code_text('PO 47-11')`:                              "PO4711 4711 11",
		`code_text('x--')`:                                   "x ",
		`code_text('a-b-c-d-e-f-g-h-i-j')`:                   "abcdefghij bcdefghij cdefghij defghij efghij fghij ghij hij",
		`own_words(7, '''a''''b'' ''c'' ''x y''')`:           `'7/a''b' '7/c' '7/x y'`,
		`own_words(7, '')`:                                   "",
		`own_words(7, (repeat('k', 300) || ' b')::tsvector)`: "'7/b' '7/" + strings.Repeat("k", 250) + "'",
	} {
		var got string
		if err := db.QueryRow(ctx, `select coalesce((`+sql+`)::text, '–')`).Scan(&got); err != nil || got != want {
			t.Errorf("%s is %q, want %q, %v", sql, got, want, err)
		}
	}
}

// TestFewWordsWait: what was written lately and waits beside an index of words is
// little, since each search reads all of it.
func TestFewWordsWait(t *testing.T) {
	t.Parallel()
	var unbounded []string
	err := dbtest.New(t).QueryRow(context.Background(), `
		select coalesce(array_agg(i.relname::text order by 1), '{}')
		from pg_class i join pg_am a on a.oid = i.relam join pg_index x on x.indexrelid = i.oid join pg_class t on t.oid = x.indrelid
		where a.amname = 'gin' and t.relname not like 'river%' and not coalesce(i.reloptions, '{}') && array['gin_pending_list_limit=256', 'fastupdate=off']`).Scan(&unbounded)
	if err != nil || len(unbounded) > 0 {
		t.Errorf("%v have no gin_pending_list_limit, %v", unbounded, err)
	}
}
