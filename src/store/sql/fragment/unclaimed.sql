{}.owner_id = 'c42fdf75-3097-471c-8c33-fb52454d81c0' AND NOT {}.deleted
