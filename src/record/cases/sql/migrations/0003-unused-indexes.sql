-- No statement looks for entries of a person, and firings are found by their clocks.
drop index flow_trace_person;
drop index flow_firing_case;
