-- What was sent to one person is found without looking through all that was ever sent.
create index deliveries_to on deliveries (lower((destination -> 'options' ->> 'address') collate "C"));
-- Addresses whose spellings only Python compares: few, which the planner cannot guess.
create index deliveries_to_others on deliveries (lower((destination -> 'options' ->> 'address') collate "C"))
    where (destination -> 'options' ->> 'address') ~ '[^!-~]' or (destination -> 'options' ->> 'address') ~* 'xn--';
create statistics deliveries_addresses on (destination -> 'options' ->> 'address') from deliveries;
