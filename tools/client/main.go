// Command client is a program as a stranger would write it: against a client that
// oapi-codegen has made of openapi.yaml. A test of web/api generates that client,
// and runs this.
package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"strings"
)

func main() {
	if err := run(context.Background(), os.Getenv("FIELDGATE_URL"), os.Getenv("FIELDGATE_TOKEN")); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func to[T any](v T) *T { return &v }

func run(ctx context.Context, address, token string) error {
	c, err := NewClientWithResponses(address, WithRequestEditorFn(func(_ context.Context, r *http.Request) error {
		r.Header.Set("Authorization", "Bearer "+token)
		return nil
	}))
	if err != nil {
		return err
	}
	me, err := c.GetMeWithResponse(ctx)
	if err != nil || me.JSON200 == nil {
		return fmt.Errorf("me: %w %s", err, me.Body)
	}
	source := *me.JSON200.Source
	customer, err := c.PutCustomerWithResponse(ctx, source, "gen-1", &PutCustomerParams{}, CustomerFields{Name: to("Generated"), Street: &Address{City: to("Sydney")}})
	if err != nil || customer.JSON201 == nil || customer.JSON201.Street.City == nil {
		return fmt.Errorf("customer: %w %s", err, customer.Body)
	}
	for i := range 3 {
		job, err := c.PutJobWithResponse(ctx, source, fmt.Sprint("gen-", i), &PutJobParams{}, JobFields{Customer: to("gen-1"), Description: to(fmt.Sprint("Job ", i)), Type: to("Maintenance")})
		if err != nil || job.JSON201 == nil || job.JSON201.Status != "unscheduled" || job.JSON201.BookedFrom != nil {
			return fmt.Errorf("job: %w %s", err, job.Body)
		}
	}
	var seen []string
	for cursor := ""; len(seen) < 3; {
		page, err := c.ListJobsWithResponse(ctx, &ListJobsParams{Customer: to(source + ":gen-1"), Limit: to(int64(2)), Cursor: &cursor})
		if err != nil || page.JSON200 == nil {
			return fmt.Errorf("jobs: %w %s", err, page.Body)
		}
		for _, j := range page.JSON200.Items {
			seen = append(seen, j.Description)
		}
		if page.JSON200.Next != nil {
			cursor = *page.JSON200.Next
		}
	}
	refused, err := c.PutJobWithResponse(ctx, source, "gen-9", &PutJobParams{}, JobFields{Customer: to("gen-1")})
	if err != nil || refused.ApplicationproblemJSON422 == nil || len(*refused.ApplicationproblemJSON422.Errors) == 0 {
		return fmt.Errorf("refused: %w %s", err, refused.Body)
	}
	many, err := c.BulkWithBodyWithResponse(ctx, "application/x-ndjson", strings.NewReader(`{"kind":"sites","external":"gen-1","record":{"customer":"gen-1","name":"Depot"}}`+"\n"))
	if err != nil || !strings.Contains(string(many.Body), `"state":"new"`) {
		return fmt.Errorf("bulk: %w %s", err, many.Body)
	}
	events, err := c.ListEventsWithResponse(ctx, &ListEventsParams{After: to(int64(0))})
	if err != nil || events.JSON200 == nil {
		return fmt.Errorf("events: %w %s", err, events.Body)
	}
	_, err = fmt.Println(strings.Join(seen, ", "))
	return err
}
