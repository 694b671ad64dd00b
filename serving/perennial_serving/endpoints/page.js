// Every name and value stays text: the script builds nothing from markup.
const form = document.querySelector("form"), answer = document.querySelector("output");
const read = {
  Number: Number, Integer: Number, Category: String, Timestamp: String,
  Boolean: text => text === "true",
};
form.addEventListener("submit", async event => {
  event.preventDefault();
  const row = Object.create(null);
  for (const field of form.elements)
    if (field.name && field.value !== "") row[field.name] = read[field.dataset.type](field.value);
  try {
    const response = await fetch("predict", {
      method: "POST", body: JSON.stringify({rows: [row]}),
      headers: {"content-type": "application/json"},
    });
    answer.textContent = JSON.stringify(await response.json(), null, 2);
  } catch (error) {
    answer.textContent = String(error);
  }
});
