package export_test

import (
	"encoding/csv"
	"errors"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"fieldgate/internal/day"
	"fieldgate/internal/list"
	"fieldgate/web/export"
)

var today = day.New(2026, time.November, 22)

func TestCellsThatLookLikeFormulas(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ cell, want string }{
		{"", ""},
		{"Harbour Dental", "Harbour Dental"},
		{"=1+1", "'=1+1"},
		{"+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"},
		{"-2+3", "'-2+3"},
		{"@SUM(A1)", "'@SUM(A1)"},
		{"\t=1", "'\t=1"},
		{"\r=1", "'=1"}, // line ends within a cell are one character
		{"\n=1", "'\n=1"},
		{"＝1+1", "'＝1+1"},
		{"Smith;=cmd|' /C calc'!A0;", "Smith;'=cmd|' /C calc'!A0;"},
		{"Smith; @SUM(A1)", "Smith;' @SUM(A1)"},
		{"Smith\t+1", "Smith\t'+1"},
		{"-1;-2", "'-1;'-2"},
		{"Fans; filters", "Fans; filters"},
		{"-12.50", "-12.50"},
		{"+61 2 9555 0100", "+61 2 9555 0100"},
		{"+61255500100", "+61 255 500 100"},
		{"+61-2-5550-0100", "'+61-2-5550-0100"},
		{"+1.5", "+1.5"},
		{"+1234.50", "+1234.50"},
		{"+1+2+3+4+5", "'+1+2+3+4+5"},
		{"+123456;=1", "'+123456;'=1"},
		{"0412345678", "\t0412345678"},
		{"000451", "\t000451"},
		{"0", "0"},
		{"0.50", "0.50"},
		{"12345678901234567", "\t12345678901234567"},
		{"1234.50", "1234.50"},
		{"+", "'+"},
		{"say \"hi\",\nthere", "say \"hi\",\nthere"},
		{"日本語", "日本語"},
	} {
		w := httptest.NewRecorder()
		err := export.CSV(w, httptest.NewRequest(http.MethodGet, "/", nil), "things", today, []string{"Thing"}, func(yield func([]string, error) bool) {
			yield([]string{tt.cell}, nil)
		})
		body, marked := strings.CutPrefix(w.Body.String(), "\uFEFF")
		read := csv.NewReader(strings.NewReader(body))
		all, errRead := read.ReadAll()
		if err != nil || errRead != nil || !marked {
			t.Fatalf("%q: %v, %v, %q", tt.cell, err, errRead, body)
		}
		if tt.cell == "" {
			continue // a line with nothing in it is none
		}
		if all[1][0] != tt.want {
			t.Errorf("%q became %q, want %q", tt.cell, all[1][0], tt.want)
		}
	}
}

// A spreadsheet neither reckons with a telephone number nor takes anything off it.
func TestPhonesStayPhones(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]string{
		"": "", "0412345678": "0412 345 678", "+61412345678": "+61 412 345 678", "0412 345 678": "0412 345 678", "(02) 5550 7788": "(02) 5550 7788", "+61-2-5550-7788": "+61 255 507 788",
		"55507788": "55 507 788", "+64 9 555 1234": "+64 9 555 1234", "=1+1": "=1+1", "5550 ext 2": "5550 ext 2", "131234": "131 234",
	} {
		if got := export.Phone(typed); got != want {
			t.Errorf("%q: %q, want %q", typed, got, want)
		}
	}
}

// three pages of a list; the last one fails when broken.
func pages(broken bool) func(list.Query) (list.Page[int], error) {
	return func(q list.Query) (list.Page[int], error) {
		at, _ := strconv.Atoi(q.After)
		if at == 2 && broken {
			return list.Page[int]{}, errors.New("the database went away")
		}
		page := list.Page[int]{Rows: []int{at * 2, at*2 + 1}}
		if at < 2 {
			page.Next = strconv.Itoa(at + 1)
		}
		return page, nil
	}
}

var columns = []export.Column[int]{
	{Head: "N", Cell: strconv.Itoa},
	{Head: "Square", Cell: func(n int) string { return strconv.Itoa(n * n) }},
}

func TestAllPagesOfAList(t *testing.T) {
	t.Parallel()
	w := httptest.NewRecorder()
	// The address asks for a later page; the file holds all of them.
	err := export.List(w, httptest.NewRequest(http.MethodGet, "/", nil), "numbers", today, list.Query{Before: "x", After: "1"}, pages(false), columns)
	if want := "\uFEFFN,Square\r\n0,0\r\n1,1\r\n2,4\r\n3,9\r\n4,16\r\n5,25\r\n"; err != nil || w.Body.String() != want {
		t.Errorf("%q, %v", w.Body, err)
	}
	h := w.Header()
	if h.Get("Content-Disposition") != `attachment; filename="numbers-2026-11-22.csv"` || !strings.HasPrefix(h.Get("Content-Type"), "text/csv; charset=utf-8") {
		t.Error(h)
	}
}

func TestNothingToExportIsTheHeadAlone(t *testing.T) {
	t.Parallel()
	w := httptest.NewRecorder()
	none := func(list.Query) (list.Page[int], error) { return list.Page[int]{}, nil }
	err := export.List(w, httptest.NewRequest(http.MethodGet, "/", nil), "numbers", today, list.Query{}, none, columns)
	if err != nil || w.Body.String() != "\uFEFFN,Square\r\n" {
		t.Errorf("%q, %v", w.Body, err)
	}
}

func TestHalfAFileIsNone(t *testing.T) {
	t.Parallel()
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	early := func(list.Query) (list.Page[int], error) { return list.Page[int]{}, errors.New("away") }
	w := httptest.NewRecorder()
	if err := export.List(w, r, "numbers", today, list.Query{}, early, columns); err == nil || w.Body.Len() > 0 || w.Header().Get("Content-Disposition") != "" {
		t.Errorf("an error before the first row is a page: %v, %q", err, w.Body)
	}
	defer func() {
		if err := recover(); err != http.ErrAbortHandler { //nolint:errorlint // a panic's value
			t.Errorf("a file that breaks off ended with %v", err)
		}
	}()
	_ = export.List(httptest.NewRecorder(), r, "numbers", today, list.Query{}, pages(true), columns)
}
